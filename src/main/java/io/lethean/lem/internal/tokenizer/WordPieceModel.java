package io.lethean.lem.internal.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Word pieces: the longest token first, then the longest continuation, until the word ends. */
final class WordPieceModel implements WordModel {

    private final Map<String, Integer> vocabulary;
    private final String continuation;
    private final String unknown;
    private final int longest;

    WordPieceModel(TokenizerSource source) {
        JsonNode model = source.json().model();
        this.vocabulary = source.json().vocabulary();
        this.continuation = model.path("continuing_subword_prefix").asString("##");
        this.unknown = model.path("unk_token").asString("[UNK]");
        this.longest = model.path("max_input_chars_per_word").asInt(100);
    }

    @Override
    public void encode(String word, List<Integer> target) {
        List<Integer> pieces = word.codePointCount(0, word.length()) > longest ? List.of() : pieces(word);
        if (!pieces.isEmpty()) {
            target.addAll(pieces);
        } else if (vocabulary.containsKey(unknown)) {
            target.add(vocabulary.get(unknown));
        }
    }

    /** Empty if a part of the word has no token. */
    private List<Integer> pieces(String word) {
        List<Integer> pieces = new ArrayList<>();
        int start = 0;
        while (start < word.length()) {
            int end = longestEnd(word, start);
            if (end == start) {
                return List.of();
            }
            pieces.add(vocabulary.get(piece(word, start, end)));
            start = end;
        }
        return pieces;
    }

    private int longestEnd(String word, int start) {
        int end = word.length();
        while (end > start && !vocabulary.containsKey(piece(word, start, end))) {
            end = word.offsetByCodePoints(end, -1);
        }
        return end;
    }

    private String piece(String word, int start, int end) {
        return (start > 0 ? continuation : "") + word.substring(start, end);
    }
}
