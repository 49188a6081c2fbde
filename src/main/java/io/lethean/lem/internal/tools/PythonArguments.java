package io.lethean.lem.internal.tools;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Named arguments of a call in Python: strings, numbers, True, False and None. */
final class PythonArguments {

    private final String text;
    private int at;

    private PythonArguments(String text) {
        this.text = text;
    }

    /** The values by name; empty if the text is anything else. */
    static Optional<Map<String, @Nullable Object>> parse(String text) {
        PythonArguments parser = new PythonArguments(text);
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        parser.at = JsonScan.skipSpace(text, 0);
        while (parser.at < text.length()) {
            int equals = text.indexOf('=', parser.at);
            String name = equals < 0 ? "" : text.substring(parser.at, equals).strip();
            if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                return Optional.empty();
            }
            parser.at = JsonScan.skipSpace(text, equals + 1);
            Optional<Object> value = parser.value();
            if (value.isEmpty()) {
                return Optional.empty();
            }
            values.put(name, value.get() == NONE ? null : value.get());
            parser.at = JsonScan.skipSpace(text, parser.at);
            if (parser.at < text.length() && text.charAt(parser.at++) != ',') {
                return Optional.empty();
            }
            parser.at = JsonScan.skipSpace(text, parser.at);
        }
        return Optional.of(values);
    }

    private static final Object NONE = new Object();

    private Optional<Object> value() {
        if (at == text.length()) {
            return Optional.empty();
        }
        char quote = text.charAt(at);
        if (quote == '"' || quote == '\'') {
            return string(quote);
        }
        int end = text.indexOf(',', at) < 0 ? text.length() : text.indexOf(',', at);
        String word = text.substring(at, end).strip();
        at = end;
        return switch (word) {
            case "True", "true" -> Optional.of(true);
            case "False", "false" -> Optional.of(false);
            case "None", "null" -> Optional.of(NONE);
            default -> number(word);
        };
    }

    private static Optional<Object> number(String word) {
        if (word.matches("-?[0-9]{1,18}")) {
            return Optional.of(Long.valueOf(word));
        }
        boolean real = word.matches("-?[0-9]{1,300}\\.[0-9]{0,300}(?:[eE][-+]?[0-9]{1,3})?");
        return real ? Optional.of(Double.valueOf(word)) : Optional.empty();
    }

    private Optional<Object> string(char quote) {
        StringBuilder value = new StringBuilder();
        for (int i = at + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == quote) {
                at = i + 1;
                return Optional.of(value.toString());
            }
            if (c == '\\' && i + 1 < text.length()) {
                char escaped = text.charAt(++i);
                value.append(
                        switch (escaped) {
                            case 'n' -> '\n';
                            case 't' -> '\t';
                            default -> escaped;
                        });
            } else {
                value.append(c);
            }
        }
        return Optional.empty();
    }
}
