package io.lethean.lem.internal.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Values that are written in one piece: plain and quoted texts, numbers, and lists and mappings in brackets. */
final class YamlScalar {

    private static final Pattern INTEGER = Pattern.compile("[-+]?(0|[1-9][0-9_]{0,17})");
    private static final Pattern REAL =
            Pattern.compile("[-+]?([0-9][0-9_]*\\.[0-9_]*|\\.[0-9][0-9_]*)([eE][-+][0-9]+)?");
    private static final List<String> TRUE = List.of("true", "yes", "on");
    private static final List<String> FALSE = List.of("false", "no", "off");

    private final String text;
    private int at;

    private YamlScalar(String text) {
        this.text = text;
    }

    /** @throws IllegalArgumentException if brackets or quotes are not closed */
    static @Nullable Object parse(String text) {
        YamlScalar scalar = new YamlScalar(text);
        Object value = scalar.value("");
        scalar.skipSpace();
        if (scalar.at < text.length()) {
            throw new IllegalArgumentException("\"" + text.substring(scalar.at) + "\" follows a value.");
        }
        return value;
    }

    /** Where the colon after a key is; -1 if the text does not begin with a key. */
    static int keyEnd(String text) {
        if (text.isEmpty() || "[{|>".indexOf(text.charAt(0)) >= 0) {
            return -1;
        }
        Scan scan = new Scan();
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (!scan.inQuotes() && each == ':' && (i + 1 == text.length() || text.charAt(i + 1) == ' ')) {
                return i;
            }
            if (!scan.inQuotes() && each == '#' && i > 0 && text.charAt(i - 1) == ' ') {
                return -1;
            }
            scan.pass(text, i);
        }
        return -1;
    }

    /** The text before a comment. */
    static String withoutComment(String text) {
        Scan scan = new Scan();
        for (int i = 0; i < text.length(); i++) {
            boolean starts = i == 0 || Character.isWhitespace(text.charAt(i - 1));
            if (text.charAt(i) == '#' && starts && !scan.inQuotes()) {
                return text.substring(0, i);
            }
            scan.pass(text, i);
        }
        return text;
    }

    /** Whether a quote or bracket is not closed yet. */
    static boolean isOpen(String text) {
        char first = text.charAt(0);
        if (first != '"' && first != '\'' && first != '[' && first != '{') {
            return false;
        }
        Scan scan = new Scan();
        for (int i = 0; i < text.length(); i++) {
            scan.pass(text, i);
        }
        return scan.inQuotes() || scan.depth > 0;
    }

    /** Follows quotes and brackets through a text. */
    private static final class Scan {
        private char quote;
        private int depth;

        boolean inQuotes() {
            return quote != 0;
        }

        void pass(String text, int i) {
            char each = text.charAt(i);
            if (quote != 0) {
                boolean escaped = quote == '"' && i > 0 && text.charAt(i - 1) == '\\';
                quote = each == quote && !escaped ? 0 : quote;
            } else if ((each == '"' || each == '\'') && startsToken(text, i)) {
                quote = each;
            } else if (each == '[' || each == '{') {
                depth++;
            } else if (each == ']' || each == '}') {
                depth--;
            }
        }

        private static boolean startsToken(String text, int i) {
            return i == 0 || " [{,:".indexOf(text.charAt(i - 1)) >= 0;
        }
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    /** The value here; a plain one ends before one of the characters. */
    private @Nullable Object value(String ends) {
        skipSpace();
        if (at == text.length()) {
            return null;
        }
        return switch (text.charAt(at)) {
            case '[' -> list();
            case '{' -> mapping();
            case '"', '\'' -> quoted(text.charAt(at++));
            default -> plain(ends);
        };
    }

    private List<@Nullable Object> list() {
        List<@Nullable Object> items = new ArrayList<>();
        at++;
        while (!take(']')) {
            items.add(value(",]"));
            separator(']');
        }
        return items;
    }

    private Map<String, @Nullable Object> mapping() {
        Map<String, @Nullable Object> mapping = new LinkedHashMap<>();
        at++;
        while (!take('}')) {
            String key = String.valueOf(value(":,}"));
            mapping.put(key, take(':') ? value(",}") : null);
            separator('}');
        }
        return mapping;
    }

    private boolean take(char wanted) {
        skipSpace();
        if (at == text.length()) {
            throw new IllegalArgumentException("a bracket is not closed.");
        }
        boolean there = text.charAt(at) == wanted;
        at += there ? 1 : 0;
        return there;
    }

    private void separator(char end) {
        if (!take(',') && (at == text.length() || text.charAt(at) != end)) {
            throw new IllegalArgumentException("values in brackets must be separated by commas.");
        }
    }

    private String quoted(char quote) {
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            char each = text.charAt(at++);
            if (each == quote && quote == '\'' && at < text.length() && text.charAt(at) == quote) {
                at++;
            } else if (each == quote) {
                return value.toString();
            } else if (each == '\\' && quote == '"' && at < text.length()) {
                each = escaped(text.charAt(at++));
            }
            value.append(each);
        }
        throw new IllegalArgumentException("a quote is not closed.");
    }

    private char escaped(char code) {
        return switch (code) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case '0' -> '\0';
            case 'u' -> {
                int end = Math.min(at + 4, text.length());
                char point = (char) Integer.parseInt(text.substring(at, end), 16);
                at = end;
                yield point;
            }
            default -> code;
        };
    }

    private @Nullable Object plain(String ends) {
        int from = at;
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return typed(text.substring(from, at).strip());
    }

    private static @Nullable Object typed(String plain) {
        String small = plain.toLowerCase(Locale.ROOT);
        if (small.isEmpty() || small.equals("null") || small.equals("~")) {
            return null;
        }
        if (TRUE.contains(small) || FALSE.contains(small)) {
            return TRUE.contains(small);
        }
        String digits = plain.replace("_", "");
        if (INTEGER.matcher(plain).matches()) {
            return Long.valueOf(digits.startsWith("+") ? digits.substring(1) : digits);
        }
        return REAL.matcher(plain).matches() ? (Object) Double.valueOf(digits) : plain;
    }
}
