package io.lethean.lem.model;

import io.lethean.lem.GrammarException;
import io.lethean.lem.internal.llama.GrammarConstraint;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among a copy of the scores, by the steps of {@link SamplingOptions}.
 *
 * <p>A grammar only rules tokens out, and bias and penalties treat each token for itself. So the grammar is asked after them,
 * with the same result: at temperature 0 it then often has to look at the best token only.
 *
 * <p>The random numbers are {@link Random}'s; the Java platform fixes its algorithm: one {@code nextDouble} per token.
 */
final class SamplingSelector implements TokenSelector {

    /** {@link Random} uses 48 bits of a seed, and JSON readers that know only doubles can read so many. */
    private static final long SEEDS = 1L << 48;

    private final SamplingOptions options;
    private final LogitBias bias;
    private final OccurrencePenalties occurrences;
    private final @Nullable GrammarConstraint grammar;
    private final float[] scores;
    private final long seed;
    private final Random random;

    SamplingSelector(SamplingOptions options, int vocabularySize, LogitBias bias, @Nullable GrammarConstraint grammar) {
        this.options = options;
        this.bias = bias;
        this.occurrences = new OccurrencePenalties(options.presencePenalty(), options.frequencyPenalty());
        this.grammar = grammar;
        this.scores = new float[vocabularySize];
        this.seed = options.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong(SEEDS));
        this.random = new Random(seed);
    }

    @Override
    public OptionalLong seed() {
        return options.temperature() == 0 ? OptionalLong.empty() : OptionalLong.of(seed);
    }

    @Override
    public int select(MemorySegment logits, TokenHistory history) {
        MemorySegment.copy(logits, ValueLayout.JAVA_FLOAT, 0, scores, 0, scores.length);
        bias.addTo(scores);
        penalize(scores, history.last(options.repeatLastN()), options.repeatPenalty());
        occurrences.applyTo(scores, history);
        if (grammar == null) {
            return choose();
        }
        int token = constrained(grammar);
        grammar.accept(token);
        return token;
    }

    private int constrained(GrammarConstraint constraint) {
        if (options.temperature() == 0) {
            int best = Logits.argmax(scores);
            if (constraint.allows(best)) {
                return best;
            }
        }
        constraint.mask(scores);
        if (!anyLeft()) {
            throw new GrammarException(
                    "The grammar leaves no token to choose: no token of this vocabulary continues the"
                            + " text as it demands, or logitBias rules out those that do. Allow more, or choose another"
                            + " model.");
        }
        return choose();
    }

    private boolean anyLeft() {
        for (float score : scores) {
            if (score > Float.NEGATIVE_INFINITY) {
                return true;
            }
        }
        return false;
    }

    private int choose() {
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
