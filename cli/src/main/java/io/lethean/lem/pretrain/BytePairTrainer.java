package io.lethean.lem.pretrain;

import io.lethean.lem.pretrain.ByteLevelVocabulary.Merge;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Learns which bytes to put together (byte-pair encoding, Sennrich et al. 2016): the most frequent pair first, of
 * equally frequent ones the one with the smaller ids, so that a text has one vocabulary.
 */
final class BytePairTrainer {

    /** How llama.cpp cuts a text before it merges. */
    private static final Pattern WORD = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);

    /** A pair that comes once teaches nothing. */
    private static final long LEAST = 2;

    /** A word after the merges so far. */
    private static final class Word {
        private int[] tokens;
        private final long count;

        private Word(String text, long count) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            tokens = new int[bytes.length];
            Arrays.setAll(tokens, i -> ByteLevelVocabulary.ofByte(bytes[i]));
            this.count = count;
        }

        private void merge(Merge pair, int merged) {
            int length = 0;
            for (int i = 0; i < tokens.length; i++) {
                boolean fits = i + 1 < tokens.length && tokens[i] == pair.left() && tokens[i + 1] == pair.right();
                tokens[length++] = fits ? merged : tokens[i];
                i += fits ? 1 : 0;
            }
            tokens = Arrays.copyOf(tokens, length);
        }

        private boolean has(Merge pair) {
            for (int i = 0; i + 1 < tokens.length; i++) {
                if (tokens[i] == pair.left() && tokens[i + 1] == pair.right()) {
                    return true;
                }
            }
            return false;
        }
    }

    private final List<Word> words = new ArrayList<>();
    private final Map<Merge, Long> pairs = new HashMap<>();
    private final List<Merge> merges = new ArrayList<>();

    private BytePairTrainer(List<String> texts) {
        Map<String, Long> counts = new TreeMap<>();
        for (String text : texts) {
            Matcher matcher = WORD.matcher(text);
            while (matcher.find()) {
                counts.merge(matcher.group(), 1L, Long::sum);
            }
        }
        counts.forEach((text, count) -> words.add(new Word(text, count)));
        words.forEach(word -> count(word, word.count));
    }

    /**
     * Learns a vocabulary.
     *
     * @param size tokens; fewer if the texts have no more pairs that come twice
     * @throws IllegalArgumentException if the size has no room for the bytes
     */
    static ByteLevelVocabulary train(List<String> texts, int size) {
        if (size < ByteLevelVocabulary.baseSize()) {
            throw new IllegalArgumentException("A vocabulary of " + size + " tokens has no room for the "
                    + ByteLevelVocabulary.baseSize() + " that every text may need.");
        }
        BytePairTrainer trainer = new BytePairTrainer(texts);
        while (ByteLevelVocabulary.baseSize() + trainer.merges.size() < size && trainer.mergeOne()) {
            // Each round adds one token.
        }
        return new ByteLevelVocabulary(trainer.merges);
    }

    private void count(Word word, long change) {
        for (int i = 0; i + 1 < word.tokens.length; i++) {
            pairs.merge(new Merge(word.tokens[i], word.tokens[i + 1]), change, Long::sum);
        }
    }

    private boolean mergeOne() {
        Optional<Merge> best = pairs.entrySet().stream()
                .filter(entry -> entry.getValue() >= LEAST)
                .max(Comparator.comparingLong((Map.Entry<Merge, Long> entry) -> entry.getValue())
                        .thenComparing(entry -> -entry.getKey().left())
                        .thenComparing(entry -> -entry.getKey().right()))
                .map(Map.Entry::getKey);
        best.ifPresent(this::merge);
        return best.isPresent();
    }

    private void merge(Merge pair) {
        int merged = ByteLevelVocabulary.baseSize() + merges.size();
        for (Word word : words) {
            if (word.has(pair)) {
                count(word, -word.count);
                word.merge(pair, merged);
                count(word, word.count);
            }
        }
        pairs.remove(pair);
        merges.add(pair);
    }
}
