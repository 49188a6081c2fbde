package io.lethean.lem.evaluation.score;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How a score is recorded on the line of its answer.
 *
 * <p>Scores of v2, the scorer of published files, are {@code lek_score} and {@code heuristic}. Another scorer with a
 * {@code lek_score} adds its name and version; any other scorer's result is an object under {@code scored}.
 */
public final class RecordedScore {

    /** The value of scorers with the published fields. */
    public static final String LEK_SCORE = "lek_score";

    /** The details of such scorers. */
    public static final String HEURISTIC = "heuristic";

    /** The result of any other scorer on a line with an answer. */
    public static final String SCORED = "scored";

    /** Its value. */
    public static final String SCORE = "score";

    private static final String SCORER = "scorer";
    private static final String VERSION = "scorer_version";

    private RecordedScore() {}

    /**
     * Puts a score onto the line of its answer, where other fields stay in their places.
     *
     * @param answer the JSON object of the answer's line
     * @param score the score
     */
    public static void putIntoAnswer(Map<String, @Nullable Object> answer, Score score) {
        if (hasPublishedFields(score)) {
            putPublished(answer, score);
            if (!isPublishedScorer(score)) {
                putScorer(answer, score);
            }
        } else {
            Map<String, @Nullable Object> named = new LinkedHashMap<>();
            putNamed(named, score);
            answer.put(SCORED, named);
        }
    }

    /**
     * Puts a score onto a line of its own.
     *
     * @param line the JSON object of the line
     * @param score the score
     */
    public static void putIntoLine(Map<String, @Nullable Object> line, Score score) {
        if (isPublishedScorer(score)) {
            putPublished(line, score);
        } else {
            putNamed(line, score);
        }
    }

    /**
     * {@return the value that an answer's line records; empty if the answer is unscored or its score is NaN or
     * infinite, null if there is no score on it}
     *
     * @param answer the JSON object of the answer's line
     */
    public static @Nullable OptionalDouble read(Map<?, ?> answer) {
        if (answer.get(LEK_SCORE) instanceof Double score) {
            return finite(score);
        }
        if (!(answer.get(SCORED) instanceof Map<?, ?> scored) || !scored.containsKey(SCORE)) {
            return null;
        }
        return scored.get(SCORE) instanceof Double score ? finite(score) : OptionalDouble.empty();
    }

    private static OptionalDouble finite(double score) {
        return Double.isFinite(score) ? OptionalDouble.of(score) : OptionalDouble.empty();
    }

    private static boolean isPublishedScorer(Score score) {
        return score.scorer().equals(V2Scorer.NAME);
    }

    private static boolean hasPublishedFields(Score score) {
        return score.details().containsKey(LEK_SCORE);
    }

    private static void putNamed(Map<String, @Nullable Object> line, Score score) {
        putScorer(line, score);
        if (hasPublishedFields(score)) {
            putPublished(line, score);
        } else {
            line.put(SCORE, value(score));
            line.putAll(score.details());
        }
    }

    private static void putScorer(Map<String, @Nullable Object> line, Score score) {
        line.put(SCORER, score.scorer());
        line.put(VERSION, score.version());
    }

    private static void putPublished(Map<String, @Nullable Object> line, Score score) {
        line.put(LEK_SCORE, value(score));
        line.put(HEURISTIC, score.details());
    }

    private static @Nullable Double value(Score score) {
        OptionalDouble value = score.value();
        return value.isPresent() ? (Double) value.getAsDouble() : null;
    }
}
