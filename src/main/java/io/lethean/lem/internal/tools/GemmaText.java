package io.lethean.lem.internal.tools;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values in Gemma's notation: keys as they are, strings between marks, the rest as in JSON. */
final class GemmaText {

    private static final int DEEPEST = 100;

    private final String text;
    private final String quote;
    private int at;
    private boolean unfinished;

    /** Thrown inside, where the text is not in the notation. */
    private static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unreadable() {
            super(null, null, false, false);
        }
    }

    GemmaText(String text, int at, String quote) {
        this.text = text;
        this.at = at;
        this.quote = quote;
    }

    /** Where reading ended. */
    int at() {
        return at;
    }

    /** Whether the text ended before the value did. */
    boolean isUnfinished() {
        return unfinished;
    }

    /** The object that begins here; null if it is not in the notation. */
    @Nullable
    Map<String, @Nullable Object> object() {
        try {
            return object(0);
        } catch (Unreadable not) {
            return null;
        }
    }

    private Map<String, @Nullable Object> object(int depth) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        at++;
        while (next() != '}') {
            if (!object.isEmpty()) {
                expect(',');
            }
            String key = key();
            expect(':');
            object.put(key, value(depth + 1));
        }
        at++;
        return object;
    }

    private List<@Nullable Object> array(int depth) {
        List<@Nullable Object> array = new ArrayList<>();
        at++;
        while (next() != ']') {
            if (!array.isEmpty()) {
                expect(',');
            }
            array.add(value(depth + 1));
        }
        at++;
        return array;
    }

    private @Nullable Object value(int depth) {
        char first = next();
        if (depth > DEEPEST) {
            throw new Unreadable();
        }
        if (text.startsWith(quote, at)) {
            return string();
        }
        if (JsonScan.couldBegin(text, at, quote)) {
            throw endOfText();
        }
        return first == '{' ? object(depth) : first == '[' ? array(depth) : word();
    }

    private String string() {
        int begin = at + quote.length();
        int end = text.indexOf(quote, begin);
        if (end < 0) {
            throw endOfText();
        }
        at = end + quote.length();
        return text.substring(begin, end);
    }

    private String key() {
        next();
        if (text.startsWith(quote, at)) {
            return string();
        }
        int end = text.indexOf(':', at);
        if (end < 0) {
            throw endOfText();
        }
        String key = text.substring(at, end).strip();
        if (key.isEmpty() || key.indexOf('}') >= 0) {
            throw new Unreadable();
        }
        at = end;
        return key;
    }

    /** A number, a truth value or null; a word without marks is taken as a string. */
    private @Nullable Object word() {
        int begin = at;
        while (at < text.length() && ",]}".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        if (at == text.length()) {
            throw endOfText();
        }
        String word = text.substring(begin, at).strip();
        if (word.isEmpty()) {
            throw new Unreadable();
        }
        Object value = JsonScan.value(word);
        return value == JsonScan.MALFORMED ? word : value;
    }

    private void expect(char c) {
        if (next() != c) {
            throw new Unreadable();
        }
        at++;
    }

    private char next() {
        at = JsonScan.skipSpace(text, at);
        if (at == text.length()) {
            throw endOfText();
        }
        return text.charAt(at);
    }

    private Unreadable endOfText() {
        unfinished = true;
        return new Unreadable();
    }
}
