package io.lethean.lem.model;

import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.llama.Vocabulary;
import io.lethean.lem.model.Conversations.TextSpan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The texts that a model's vocabulary reads as control tokens, such as {@code <|im_end|>}, where a caller's strings spell
 * them. Safe for use by several threads.
 */
final class ControlSpellings {

    private static final String MARK_END = "Mark";

    private final Vocabulary vocabulary;

    /** By first character, longest first; made at first use, since few conversations spell any. */
    private final Lazy<Map<Character, List<String>>> spellings = new Lazy<>(this::read);

    ControlSpellings(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    private Map<Character, List<String>> read() {
        Map<Character, List<String>> byFirst = new HashMap<>();
        for (int token = 0; token < vocabulary.size(); token++) {
            String symbol = vocabulary.piece(token).special() ? vocabulary.symbol(token) : "";
            if (!symbol.isEmpty()) {
                byFirst.computeIfAbsent(symbol.charAt(0), first -> new ArrayList<>())
                        .add(symbol);
            }
        }
        byFirst.values().forEach(list -> list.sort(Comparator.comparing(String::length, Comparator.reverseOrder())));
        return byFirst;
    }

    /** Whether a text holds one. */
    boolean isSpelledIn(String text) {
        return !Arrays.equals(vocabulary.tokenize(text, false, true), vocabulary.tokenize(text, false, false));
    }

    /** The spelling that begins here; empty if no spelling begins here. */
    private String at(String text, int position) {
        for (String spelling : spellings.get().getOrDefault(text.charAt(position), List.of())) {
            if (text.startsWith(spelling, position)) {
                return spelling;
            }
        }
        return "";
    }

    /** The first one in a text. */
    Optional<String> firstIn(String text) {
        for (int position = 0; position < text.length(); position++) {
            String spelling = at(text, position);
            if (!spelling.isEmpty()) {
                return Optional.of(spelling);
            }
        }
        return Optional.empty();
    }

    /** Words that stand for spellings in a text that is rendered once more. */
    final class Marks {

        private final String stem;
        private final List<String> marked = new ArrayList<>();

        /** @param stem begins each word, and must not be in the text otherwise */
        Marks(String stem) {
            this.stem = stem;
        }

        /** A text with a word in place of each spelling. */
        String put(String text) {
            StringBuilder out = new StringBuilder();
            for (int position = 0; position < text.length(); ) {
                String spelling = at(text, position);
                if (spelling.isEmpty()) {
                    out.append(text.charAt(position++));
                } else {
                    out.append(stem).append(index(spelling)).append(MARK_END);
                    position += spelling.length();
                }
            }
            return out.toString();
        }

        private int index(String spelling) {
            if (!marked.contains(spelling)) {
                marked.add(spelling);
            }
            return marked.indexOf(spelling);
        }

        /**
         * Cuts a rendered text where the same text with words in place of spellings has such a word.
         *
         * @return empty if the texts differ elsewhere, because the template looks into what it is given
         */
        Optional<List<TextSpan>> cut(String text, String withMarks) {
            List<TextSpan> spans = new ArrayList<>();
            int from = 0;
            int at = 0;
            for (int position = 0; position < withMarks.length(); ) {
                Optional<String> mark = mark(withMarks, position);
                if (mark.isEmpty()) {
                    if (at == text.length() || text.charAt(at++) != withMarks.charAt(position++)) {
                        return Optional.empty();
                    }
                    continue;
                }
                String spelling = spelled(marked.get(number(mark.get())), text, at);
                if (spelling.isEmpty()) {
                    return Optional.empty();
                }
                spans.add(new TextSpan(text.substring(from, at), false));
                spans.add(new TextSpan(spelling, true));
                position += mark.get().length();
                at += spelling.length();
                from = at;
            }
            spans.add(new TextSpan(text.substring(from), false));
            return at == text.length() ? Optional.of(spans) : Optional.empty();
        }

        private Optional<String> mark(String text, int position) {
            if (!text.startsWith(stem, position)) {
                return Optional.empty();
            }
            int end = text.indexOf(MARK_END, position);
            String digits = end < 0 ? "" : text.substring(position + stem.length(), end);
            boolean known = digits.matches("[0-9]{1,6}") && Integer.parseInt(digits) < marked.size();
            return known ? Optional.of(text.substring(position, end + MARK_END.length())) : Optional.empty();
        }

        private int number(String mark) {
            return Integer.parseInt(mark.substring(stem.length(), mark.length() - MARK_END.length()));
        }

        /** How a spelling was written: as it is, or within a string of JSON. */
        private static String spelled(String spelling, String text, int at) {
            for (boolean ascii : new boolean[] {false, true}) {
                StringBuilder json = new StringBuilder();
                PythonJson.appendText(json, spelling, ascii);
                for (String form : List.of(spelling, json.substring(1, json.length() - 1))) {
                    if (text.startsWith(form, at)) {
                        return form;
                    }
                }
            }
            return "";
        }
    }
}
