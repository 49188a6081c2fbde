package io.lethean.lem.internal.tools;

import io.lethean.lem.internal.schema.GbnfText;
import java.util.Locale;
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
