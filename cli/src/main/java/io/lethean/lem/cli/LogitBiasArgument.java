package io.lethean.lem.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads {@code --logit-bias}: token ids, each with what is added to its logit. */
final class LogitBiasArgument {

    private LogitBiasArgument() {}

    /** @throws IllegalArgumentException if a value is not of the form {@code ID=X}, or names a token again */
    static Map<Integer, Double> parse(List<String> values) {
        Map<Integer, Double> bias = new HashMap<>();
        for (String value : values) {
            int equals = value.indexOf('=');
            try {
                int token =
                        Integer.parseInt(value.substring(0, Math.max(0, equals)).strip());
                if (bias.put(token, number(value.substring(equals + 1).strip())) != null) {
                    throw new IllegalArgumentException(
                            String.format(Locale.ROOT, "logitBias is given twice for token %d.", token));
                }
            } catch (NumberFormatException malformed) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "logitBias is '%s' and must be a token id, '=' and a number, such as 198=-1.5 or"
                                        + " 198=-inf.",
                                value),
                        malformed);
            }
        }
        return bias;
    }

    private static double number(String text) {
        return text.equalsIgnoreCase("-inf") ? Double.NEGATIVE_INFINITY : Double.parseDouble(text);
    }
}
