package io.lethean.lem.model;

import io.lethean.lem.GrammarException;
import io.lethean.lem.internal.llama.GrammarConstraint;
import io.lethean.lem.internal.llama.Vocabulary;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among a copy of the scores, in llama.cpp's order: tokens that must not be generated, grammar, repeat penalty,
 * then {@link Distribution} for top-k, top-p, min-p and temperature.
 *
 * <p>The random numbers are {@link Random}'s; the Java platform fixes its algorithm: one {@code nextDouble} per token.
 */
final class SamplingSelector implements TokenSelector {

    private final SamplingOptions options;
    private final int[] suppressed;
    private final @Nullable GrammarConstraint grammar;
    private final float[] scores;
    private final Random random;

    SamplingSelector(SamplingOptions options, Vocabulary vocabulary, @Nullable GrammarConstraint grammar) {
        this.options = options;
        this.suppressed = vocabulary.suppressed();
        this.grammar = grammar;
        this.scores = new float[vocabulary.size()];
        OptionalLong seed = options.seed();
        this.random = seed.isPresent() ? new Random(seed.getAsLong()) : new Random();
    }

    @Override
    public int select(MemorySegment logits, TokenHistory history) {
        MemorySegment.copy(logits, ValueLayout.JAVA_FLOAT, 0, scores, 0, scores.length);
        for (int token : suppressed) {
            scores[token] = Float.NEGATIVE_INFINITY;
        }
        if (grammar == null) {
            return choose(history);
        }
        int token = constrained(grammar, history);
        grammar.accept(token);
        return token;
    }

    private int constrained(GrammarConstraint constraint, TokenHistory history) {
        if (options.takesTheBest()) {
            int best = Logits.argmax(scores);
            if (constraint.allows(best)) {
                return best;
            }
        }
        constraint.mask(scores);
        if (!anyLeft()) {
            throw new GrammarException(
                    "The grammar leaves no token to choose: no token of this vocabulary continues the"
                            + " text as it demands. Allow more, or choose another model.");
        }
        return choose(history);
    }

    private boolean anyLeft() {
        for (float score : scores) {
            if (score > Float.NEGATIVE_INFINITY) {
                return true;
            }
        }
        return false;
    }

    private int choose(TokenHistory history) {
        penalize(scores, history.last(options.repeatLastN()), options.repeatPenalty());
        if (options.temperature() == 0) {
            return Logits.argmax(scores);
        }
        return Distribution.of(scores, options).draw(random.nextDouble());
    }

    /** Makes recent tokens less likely, each once however often it occurs. */
    static void penalize(float[] scores, int[] recent, double penalty) {
        if (penalty == 1) {
            return;
        }
        Arrays.stream(recent).distinct().forEach(token -> {
            float score = scores[token];
            scores[token] = (float) (score > 0 ? score / penalty : score * penalty);
        });
    }

    @Override
    public void close() {
        if (grammar != null) {
            grammar.close();
        }
    }
}
