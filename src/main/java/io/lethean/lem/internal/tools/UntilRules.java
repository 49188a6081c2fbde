package io.lethean.lem.internal.tools;

import io.lethean.lem.internal.schema.GbnfText;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Rules for texts up to words that end them. */
final class UntilRules {

    private UntilRules() {}

    /**
     * The rules of any text that ends with the first occurrence of some words.
     *
     * @param name the rule to begin with; others begin with the same name
     */
    static String of(String name, String words) {
        StringBuilder rules = new StringBuilder();
        TreeSet<Character> letters = new TreeSet<>();
        words.chars().forEach(c -> letters.add((char) c));
        for (int matched = 0; matched < words.length(); matched++) {
            rules.append(rule(name, matched)).append(" ::= ");
            StringBuilder others = new StringBuilder();
            for (char c : letters) {
                String seen = words.substring(0, matched) + c;
                int next = longestEnd(seen, words);
                others.append(String.format(Locale.ROOT, "\\u%04X", (int) c));
                rules.append(GbnfText.literal(Character.toString(c)));
                rules.append(next == words.length() ? "" : " " + rule(name, next))
                        .append(" | ");
            }
            rules.append("[^").append(others).append("] ").append(rule(name, 0)).append('\n');
        }
        return rules.toString();
    }

    /**
     * The rules of any text in which some words do not occur, and of any text that ends with the first occurrence of one of
     * them and what a rule allows after it.
     *
     * @param name the rule to begin with; others begin with the same name
     * @param after the rules by the words that they come after; no words are part of others
     */
    static String ofAny(String name, Map<String, String> after) {
        TreeSet<String> beginnings = new TreeSet<>();
        TreeSet<Character> letters = new TreeSet<>();
        for (String words : after.keySet()) {
            for (int length = 0; length < words.length(); length++) {
                beginnings.add(words.substring(0, length));
                letters.add(words.charAt(length));
            }
        }
        List<String> states = List.copyOf(beginnings);
        StringBuilder others = new StringBuilder();
        letters.forEach(c -> others.append(String.format(Locale.ROOT, "\\u%04X", (int) c)));
        StringBuilder rules = new StringBuilder();
        for (String state : states) {
            rules.append(rule(name, states.indexOf(state))).append(" ::= \"\" | ");
            for (char c : letters) {
                String seen = state + c;
                String next = after.containsKey(seen)
                        ? after.get(seen)
                        : rule(name, states.indexOf(longestEnd(seen, beginnings)));
                rules.append(GbnfText.literal(Character.toString(c)))
                        .append(' ')
                        .append(next)
                        .append(" | ");
            }
            rules.append("[^").append(others).append("] ").append(rule(name, 0)).append('\n');
        }
        return rules.toString();
    }

    /** The longest end of a text that begins one of the words. */
    private static String longestEnd(String text, Set<String> beginnings) {
        for (int from = 0; from < text.length(); from++) {
            String end = text.substring(from);
            if (beginnings.contains(end)) {
                return end;
            }
        }
        return "";
    }

    private static String rule(String name, int matched) {
        return matched == 0 ? name : name + "m" + matched;
    }

    /** How many letters of the words the text ends with. */
    private static int longestEnd(String text, String words) {
        int length = Math.min(text.length(), words.length());
        while (!text.endsWith(words.substring(0, length))) {
            length--;
        }
        return length;
    }
}
