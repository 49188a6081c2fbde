package io.lethean.lem.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Records how likely the model found the tokens that were chosen. Confined to the model's thread. */
final class LogprobRecorder {

    private final int top;
    private final float[] scores;
    private final List<TokenLogprobs> recorded = new ArrayList<>();

    /** @param top how many of the most likely tokens are recorded for each chosen one */
    LogprobRecorder(int vocabularySize, int top) {
        this.scores = new float[vocabularySize];
        this.top = top;
    }

    /**
     * Adds a chosen token.
     *
     * @param logits of all tokens, in native memory
     * @throws io.lethean.lem.NativeCallException if a logit is NaN
     */
    void add(MemorySegment logits, int chosen) {
        MemorySegment.copy(logits, ValueLayout.JAVA_FLOAT, 0, scores, 0, scores.length);
        recorded.add(of(scores, chosen, top));
    }

    /** How likely a token is by these logits, and which are the most likely ones. */
    static TokenLogprobs of(float[] logits, int token, int top) {
        LogSoftmax probabilities = new LogSoftmax(logits);
        return new TokenLogprobs(token, probabilities.of(token), mostLikely(logits, probabilities, top));
    }

    private static List<TokenLogprobs.Alternative> mostLikely(float[] logits, LogSoftmax probabilities, int top) {
        if (top == 0) {
            return List.of();
        }
        Candidates candidates = Candidates.above(logits, Double.POSITIVE_INFINITY);
        candidates.keepBest(top);
        return Arrays.stream(candidates.tokens())
                .mapToObj(token -> new TokenLogprobs.Alternative(token, probabilities.of(token)))
                .toList();
    }

    /** The last one that was added. */
    TokenLogprobs last() {
        return recorded.getLast();
    }

    List<TokenLogprobs> recorded() {
        return List.copyOf(recorded);
    }
}
