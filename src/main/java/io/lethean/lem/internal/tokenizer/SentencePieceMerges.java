package io.lethean.lem.internal.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/**
 * The merges that a SentencePiece vocabulary means: every piece that two others make, the highest score first.
 *
 * <p>This is how the tokenizers library turns such a vocabulary into byte pairs, and how llama.cpp reads the scores.
 */
final class SentencePieceMerges {

    private record Merge(float score, int left, int right) {}

    private final GgufVocabulary vocabulary;

    SentencePieceMerges(GgufVocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** @throws io.lethean.lem.InvalidModelException if all scores are equal, so that the order of merges is lost */
    List<String[]> texts() {
        requireScores();
        List<Merge> merges = new ArrayList<>();
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.type(id) == TokenType.NORMAL) {
                addAll(merges, id);
            }
        }
        merges.sort(Comparator.comparingDouble(merge -> -merge.score()));
        return merges.stream()
                .map(merge -> new String[] {vocabulary.text(merge.left()), vocabulary.text(merge.right())})
                .toList();
    }

    private void addAll(List<Merge> merges, int id) {
        String text = vocabulary.text(id);
        List<Merge> own = new ArrayList<>();
        for (int cut = text.offsetByCodePoints(0, 1); cut < text.length(); cut = text.offsetByCodePoints(cut, 1)) {
            OptionalInt left = part(text.substring(0, cut));
            OptionalInt right = part(text.substring(cut));
            if (left.isPresent() && right.isPresent()) {
                own.add(new Merge(vocabulary.score(id), left.getAsInt(), right.getAsInt()));
            }
        }
        own.sort(Comparator.comparingInt(Merge::left).thenComparingInt(Merge::right));
        merges.addAll(own);
    }

    private OptionalInt part(String text) {
        OptionalInt id = vocabulary.id(text);
        return id.isPresent() && vocabulary.type(id.getAsInt()) == TokenType.NORMAL ? id : OptionalInt.empty();
    }

    private void requireScores() {
        float first = Float.NaN;
        int pieces = 0;
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.type(id) != TokenType.NORMAL) {
                continue;
            }
            if (pieces++ > 0 && vocabulary.score(id) != first) {
                return;
            }
            first = vocabulary.score(id);
        }
        if (pieces > 1) {
            throw vocabulary.refuse(
                    "tokenizer-scores",
                    "gives all " + pieces + " tokens the score " + first + ", so the order in which they are merged is"
                            + " lost. llama.cpp's converter writes such files if the folder has tokenizer.json but not"
                            + " tokenizer.model; copy the tokenizer's files from the original model instead");
        }
    }
}
