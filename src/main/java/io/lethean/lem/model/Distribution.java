package io.lethean.lem.model;

/**
 * The probabilities of the tokens that remain after top-k, typical-p, top-p and min-p, at a temperature.
 *
 * <p>The filters look at the scores before the temperature, in llama.cpp's order; each takes the probabilities among those that
 * the filter before it kept:
 * <ol>
 *   <li>top-k keeps the k highest scores, the lower token first among equals;
 *   <li>typical-p keeps the shortest list of most typical tokens with probabilities that exceed p. A token is the more typical the
 *       nearer {@code -log(probability)} is to the entropy;
 *   <li>top-p keeps the shortest list of most likely tokens with probabilities that reach p;
 *   <li>min-p keeps tokens with a probability of at least that share of the most likely token's;
 *   <li>the scores are divided by the temperature and the soft maximum of what remains is taken.
 * </ol>
 * transformers divides by the temperature first and filters by typical-p last. mlx-lm takes the same filters with top-k last,
 * so the two differ only where top-k and top-p are both set. Scores that are not numbers count as impossible.
 */
final class Distribution {

    /** A token with a weight below e^-60 of the best one's can never be drawn by a 53-bit random number. */
    private static final double NEGLIGIBLE = 60;

    private final int[] tokens;
    private final double[] weights;
    private final double totalWeight;

    private Distribution(int[] tokens, double[] weights) {
        this.tokens = tokens;
        this.weights = weights;
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        this.totalWeight = sum;
    }

    static Distribution of(float[] scores, SamplingOptions options) {
        Candidates candidates = Candidates.above(scores, NEGLIGIBLE * Math.max(1, options.temperature()));
        if (options.topK() > 0) {
            candidates.keepBest(options.topK());
        }
        if (options.typicalP() < 1) {
            candidates.keepTypical(options.typicalP());
        }
        if (options.topP() < 1) {
            candidates.keepMass(options.topP());
        }
        if (options.minP() > 0) {
            candidates.keepAbove(Math.log(options.minP()));
        }
        return new Distribution(candidates.tokens(), candidates.weights(options.temperature()));
    }

    /** The token at a point between 0 and 1 of the accumulated probabilities. */
    int draw(double point) {
        double left = point * totalWeight;
        for (int i = 0; i < tokens.length - 1; i++) {
            left -= weights[i];
            if (left < 0) {
                return tokens[i];
            }
        }
        return tokens[tokens.length - 1];
    }

    /** How likely a token is; 0 for one that was filtered out. */
    double probability(int token) {
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] == token) {
                return weights[i] / totalWeight;
            }
        }
        return 0;
    }

    int size() {
        return tokens.length;
    }
}
