package io.lethean.lem.internal.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Finds added tokens in a text: the longest one that begins at the leftmost place. */
final class AddedTokenFinder {

    /** The longest token of each first character first. */
    private final Map<Character, List<AddedToken>> byFirst = new TreeMap<>();

    /** A piece of text that is one token, or text without such a token. */
    record Part(String text, @Nullable AddedToken token) {}

    void add(AddedToken token) {
        if (!token.content().isEmpty()) {
            byFirst.computeIfAbsent(token.content().charAt(0), first -> new ArrayList<>())
                    .add(token);
        }
    }

    /** To be called after the last token was added. */
    void sort() {
        Comparator<AddedToken> byLength =
                Comparator.comparingInt(token -> -token.content().length());
        byFirst.values().forEach(tokens -> tokens.sort(byLength));
    }

    List<Part> parts(String text) {
        List<Part> parts = new ArrayList<>();
        int from = 0;
        int at = 0;
        while (at < text.length()) {
            AddedToken token = find(text, at);
            if (token == null) {
                at++;
                continue;
            }
            int start = token.leftStrip() ? endOfText(text, from, at) : at;
            addText(parts, text.substring(from, start));
            parts.add(new Part(token.content(), token));
            from = at + token.content().length();
            from = token.rightStrip() ? startOfText(text, from) : from;
            at = from;
        }
        addText(parts, text.substring(from));
        return parts;
    }

    private static void addText(List<Part> parts, String text) {
        if (!text.isEmpty()) {
            parts.add(new Part(text, null));
        }
    }

    private @Nullable AddedToken find(String text, int at) {
        for (AddedToken token : byFirst.getOrDefault(text.charAt(at), List.of())) {
            if (text.startsWith(token.content(), at)) {
                return token.singleWord() && !standsAlone(text, at, token) ? null : token;
            }
        }
        return null;
    }

    private static boolean standsAlone(String text, int at, AddedToken token) {
        int end = at + token.content().length();
        boolean free = at == 0 || !isWord(text.codePointBefore(at));
        return free && (end == text.length() || !isWord(text.codePointAt(end)));
    }

    private static boolean isWord(int point) {
        return Character.isLetterOrDigit(point) || point == '_';
    }

    private static int endOfText(String text, int from, int end) {
        int at = end;
        while (at > from && CharacterKinds.isSpace(text.charAt(at - 1))) {
            at--;
        }
        return at;
    }

    private static int startOfText(String text, int from) {
        int at = from;
        while (at < text.length() && CharacterKinds.isSpace(text.charAt(at))) {
            at++;
        }
        return at;
    }
}
