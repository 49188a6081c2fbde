package io.lethean.lem.evaluation.judge;

import io.lethean.lem.evaluation.JudgeException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Values that must not appear in a message: the key, and values of the address's query that can be keys. */
final class Secrets {

    private static final Pattern SECRET_NAME =
            Pattern.compile(".*(?:key|token|secret|sig|auth|password|code).*", Pattern.CASE_INSENSITIVE);
    private static final Pattern HEADER_TEXT = Pattern.compile("[\\x21-\\x7E]+");

    private final List<String> values = new ArrayList<>();

    Secrets(String key, URI address) {
        add(key);
        String query = address.getRawQuery() == null ? "" : address.getRawQuery();
        for (String parameter : query.split("&")) {
            int equals = parameter.indexOf('=');
            if (equals > 0
                    && SECRET_NAME.matcher(parameter.substring(0, equals)).matches()) {
                String value = parameter.substring(equals + 1);
                add(value);
                add(decoded(value));
            }
        }
        values.sort(Comparator.comparingInt(String::length).reversed());
    }

    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }

    private void add(String value) {
        if (!value.isBlank()) {
            values.add(value);
        }
    }

    /** A text with every secret replaced. */
    String hide(String text) {
        String hidden = text;
        for (String value : values) {
            hidden = hidden.replace(value, "[key]");
        }
        return hidden;
    }

    /**
     * A key from the environment without whitespace around it; empty if there is no key.
     *
     * @throws JudgeException if no HTTP header can carry the key; the message does not quote it
     */
    static String key(@Nullable String value, String variable) {
        String key = value == null ? "" : value.strip();
        if (!key.isEmpty() && !HEADER_TEXT.matcher(key).matches()) {
            throw new JudgeException("The key in " + variable
                    + " contains a space, a line break or a character outside ASCII; set the variable to the key"
                    + " alone.");
        }
        return key;
    }
}
