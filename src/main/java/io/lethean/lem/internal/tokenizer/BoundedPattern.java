package io.lethean.lem.internal.tokenizer;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;

/**
 * A pattern of tokenizer.json in Java's form. Reading a text takes a bounded number of steps, because a file may hold a
 * pattern that would take for ever.
 */
final class BoundedPattern {

    private static final int MAX_LENGTH = 10_000;
    private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE | Pattern.MULTILINE;

    private final Pattern pattern;

    private BoundedPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    static BoundedPattern of(JsonNode json) throws UnknownStepException {
        if (json.path("String").isString()) {
            return new BoundedPattern(
                    Pattern.compile(Pattern.quote(json.path("String").stringValue())));
        }
        return ofRegex(json.path("Regex").asString(""));
    }

    static BoundedPattern ofRegex(String regex) throws UnknownStepException {
        if (regex.isEmpty() || regex.length() > MAX_LENGTH) {
            throw new UnknownStepException("a pattern of " + regex.length() + " characters");
        }
        try {
            return new BoundedPattern(Pattern.compile(translated(regex), FLAGS));
        } catch (PatternSyntaxException | StackOverflowError e) {
            throw new UnknownStepException("the pattern " + Quoted.of(regex));
        }
    }

    Matcher matcher(String text) {
        return pattern.matcher(new Metered(text));
    }

    /** Names of scripts begin with Is in Java, and \h is a hexadecimal digit in the original. */
    private static String translated(String regex) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c != '\\' || i + 1 == regex.length()) {
                out.append(c);
                continue;
            }
            char kind = regex.charAt(++i);
            int end = regex.indexOf('}', i);
            if ((kind == 'p' || kind == 'P') && regex.startsWith("{", i + 1) && end > 0) {
                out.append('\\').append(property(kind, regex.substring(i + 2, end)));
                i = end;
            } else if (kind == 'h') {
                out.append("\\p{XDigit}");
            } else {
                out.append('\\').append(kind);
            }
        }
        return out.toString();
    }

    private static String property(char kind, String name) {
        boolean negated = name.startsWith("^");
        String plain = negated ? name.substring(1) : name;
        char sign = negated ? (kind == 'p' ? 'P' : 'p') : kind;
        return sign + "{" + (plain.length() <= 2 || plain.startsWith("Is") ? plain : "Is" + plain) + "}";
    }

    /** Thrown inside the search when a pattern has taken too many steps. */
    static final class TooManyStepsException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        TooManyStepsException() {
            super("A pattern took too many steps.", null, false, false);
        }
    }

    /** A text that counts how often it is looked at. */
    private static final class Metered implements CharSequence {

        private static final int MAX_STEPS = 20_000_000;

        private final String text;
        private int steps;

        Metered(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++steps > MAX_STEPS) {
                throw new TooManyStepsException();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
