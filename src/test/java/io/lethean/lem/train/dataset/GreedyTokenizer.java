package io.lethean.lem.train.dataset;

import java.util.ArrayList;
import java.util.List;

/** Takes the longest known piece at each place, so that pieces merge over any boundary, as real tokenizers do. */
final class GreedyTokenizer implements TextTokenizer {

    private final List<String> pieces;

    /** Knows these pieces and every single character. */
    GreedyTokenizer(String... pieces) {
        this.pieces = List.of(pieces);
    }

    @Override
    public int[] tokenize(String text) {
        List<Integer> tokens = new ArrayList<>();
        for (int at = 0; at < text.length(); ) {
            String piece = longestAt(text, at);
            tokens.add(id(piece));
            at += piece.length();
        }
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    private String longestAt(String text, int at) {
        String best = text.substring(at, at + 1);
        for (String piece : pieces) {
            if (piece.length() > best.length() && text.startsWith(piece, at)) {
                best = piece;
            }
        }
        return best;
    }

    private int id(String piece) {
        int known = pieces.indexOf(piece);
        return known >= 0 ? 100_000 + known : piece.charAt(0);
    }

    String piece(int token) {
        return token >= 100_000 ? pieces.get(token - 100_000) : String.valueOf((char) token);
    }
}
