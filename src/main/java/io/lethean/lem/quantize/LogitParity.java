package io.lethean.lem.quantize;

import io.lethean.lem.internal.math.LogSumExp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How closely a merged model answers as its base with the adapter applied.
 *
 * @param positions rows compared
 * @param largestDifference the largest size of a difference between two logits
 * @param rmsDifference the square root of the mean of the squared differences
 * @param divergence mean Kullback-Leibler divergence of the merged model's distribution from the adapter's, in nats
 * @param sameChoice the share of rows with equal most likely tokens, from 0 to 1
 * @param adapterPerplexity perplexity of base and adapter on the sequences
 * @param mergedPerplexity perplexity of the merged model on them
 */
public record LogitParity(
        int positions,
        double largestDifference,
        double rmsDifference,
        double divergence,
        double sameChoice,
        double adapterPerplexity,
        double mergedPerplexity) {

    /** Prose to compare on where nothing closer to the purpose is at hand. */
    public static final String SAMPLE_TEXT = """
            Anna asked the library computer why the river had turned brown. It said that it could not see the river,
            but that heavy rain often carries soil from bare fields into the water, and that a factory upstream might
            be another cause. "How would I find out which?" she asked. It told her to fill two jars, one above the
            factory and one below it, to let them stand overnight, and to compare what settled at the bottom. "And if I
            am wrong about the factory?" "Then you will have been careful, and nobody will have been blamed without
            reason." She wrote the date on both jars. In the morning they looked the same, so she walked along the
            fields instead, and there she found the ditch that the farmer had dug in spring.
            """;

    /**
     * Compares two models on sequences.
     *
     * @param adapter the base with the adapter applied
     * @param merged the merged model
     * @param sequences at least one, each of at least two tokens
     * @return how far the two are apart
     * @throws IllegalArgumentException if there is nothing to compare, or the models' vocabularies differ in size
     */
    public static LogitParity compare(LogitSource adapter, LogitSource merged, List<int[]> sequences) {
        Comparison comparison = new Comparison();
        for (int[] sequence : sequences) {
            if (sequence.length < 2) {
                throw new IllegalArgumentException("A sequence to compare models on has at least two tokens.");
            }
            comparison.add(sequence, rows(adapter, sequence), rows(merged, sequence));
        }
        return comparison.result();
    }

    private static List<float[]> rows(LogitSource model, int[] sequence) {
        List<float[]> rows = new ArrayList<>();
        model.evaluate(sequence, row -> rows.add(row.clone()));
        if (rows.size() != sequence.length) {
            throw new IllegalArgumentException("A model gave " + rows.size() + " rows for " + sequence.length
                    + " tokens, and one a token is needed.");
        }
        return rows;
    }

    /** Sums over all rows so far. */
    private static final class Comparison {
        private int positions;
        private long numbers;
        private double largest;
        private double squares;
        private double divergence;
        private int same;
        private int predicted;
        private double adapterLoss;
        private double mergedLoss;

        void add(int[] sequence, List<float[]> adapter, List<float[]> merged) {
            for (int i = 0; i < sequence.length; i++) {
                double[] wanted = logProbabilities(adapter.get(i));
                double[] found = logProbabilities(merged.get(i));
                addRow(adapter.get(i), merged.get(i));
                divergence += divergence(wanted, found);
                same += likeliest(wanted) == likeliest(found) ? 1 : 0;
                positions++;
                if (i + 1 < sequence.length) {
                    adapterLoss -= wanted[sequence[i + 1]];
                    mergedLoss -= found[sequence[i + 1]];
                    predicted++;
                }
            }
        }

        private void addRow(float[] wanted, float[] found) {
            if (wanted.length != found.length) {
                throw new IllegalArgumentException("The models' vocabularies have " + wanted.length + " and "
                        + found.length + " tokens, so they cannot be compared.");
            }
            for (int i = 0; i < wanted.length; i++) {
                double difference = Math.abs((double) wanted[i] - found[i]);
                largest = Math.max(largest, difference);
                squares += difference * difference;
            }
            numbers += wanted.length;
        }

        LogitParity result() {
            if (positions == 0) {
                throw new IllegalArgumentException("There is nothing to compare the models on.");
            }
            return new LogitParity(
                    positions,
                    largest,
                    Math.sqrt(squares / numbers),
                    divergence / positions,
                    (double) same / positions,
                    Math.exp(adapterLoss / predicted),
                    Math.exp(mergedLoss / predicted));
        }
    }

    private static double[] logProbabilities(float[] logits) {
        double offset = LogSumExp.of(logits);
        double[] logProbabilities = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            logProbabilities[i] = logits[i] - offset;
        }
        return logProbabilities;
    }

    private static double divergence(double[] wanted, double[] found) {
        double sum = 0;
        for (int i = 0; i < wanted.length; i++) {
            double probability = Math.exp(wanted[i]);
            sum += probability == 0 ? 0 : probability * (wanted[i] - found[i]);
        }
        return sum;
    }

    private static int likeliest(double[] logProbabilities) {
        int best = 0;
        for (int i = 1; i < logProbabilities.length; i++) {
            best = logProbabilities[i] > logProbabilities[best] ? i : best;
        }
        return best;
    }

    /** {@return the comparison as one line of text} */
    public String text() {
        return String.format(
                Locale.ROOT,
                "merged against base + adapter over %d positions: logits differ by %.4g at most, %.4g rms;"
                        + " KL %.3g nats; same first choice %.1f %%; perplexity %.4f -> %.4f%n",
                positions,
                largestDifference,
                rmsDifference,
                divergence,
                100 * sameChoice,
                adapterPerplexity,
                mergedPerplexity);
    }
}
