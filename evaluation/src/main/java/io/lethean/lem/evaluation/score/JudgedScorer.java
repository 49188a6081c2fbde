package io.lethean.lem.evaluation.score;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Scores answers by what a judge says about them, in the dimensions of a suite.
 *
 * <p>The value is the mean of the ratings. A judge that fails or cannot be understood leaves an answer unscored, with
 * the reason under {@code unscored}; published scorers wrote 5 in every dimension instead.
 */
public final class JudgedScorer implements Scorer {

    /** Below this many code points the suite {@code semantic} asks nobody. */
    private static final int SHORTEST_FOR_MEANING = 20;

    private static final int QUOTED = 80;

    private final JudgedSuite suite;
    private final Judge judge;

    /**
     * A scorer that asks a judge for the ratings of a suite.
     *
     * @param suite what is rated, and on which scale
     * @param judge who rates
     */
    public JudgedScorer(JudgedSuite suite, Judge judge) {
        this.suite = suite;
        this.judge = judge;
    }

    @Override
    public String name() {
        return suite.name();
    }

    /** The wording and the judge, such as {@code lem-1/gemini-2.0-flash}. */
    @Override
    public String version() {
        return suite.version() + "/" + judge.name();
    }

    /** @throws io.lethean.lem.evaluation.JudgeException if there is no point in asking this judge on */
    @Override
    public Score score(Sample sample, String response) {
        boolean failed = response.startsWith("ERROR");
        if (suite.name().equals("semantic")
                && (failed || PythonText.length(PythonText.strip(response)) < SHORTEST_FOR_MEANING)) {
            return scored(nothingSaid());
        }
        if (failed) {
            return unscored("the answer records that its generation failed");
        }
        Optional<JudgePrompt> prompt = suite.prompt(sample, response);
        return prompt.map(this::ask)
                .orElseGet(() -> unscored("the question has no reference for the suite " + suite.name()
                        + "; give the file of its questions"));
    }

    /** The published rule for answers that say nothing; its composite was 4.0 where the mean of its ratings is 1. */
    private JudgedSuite.Ratings nothingSaid() {
        Map<String, Number> ones = new LinkedHashMap<>();
        suite.dimensions().forEach(dimension -> ones.put(dimension, 1L));
        return new JudgedSuite.Ratings(ones, "nothing was said");
    }

    private Score ask(JudgePrompt prompt) {
        return switch (judge.ask(prompt)) {
            case JudgeReply.Failure(String reason) -> unscored("the judge failed: " + reason);
            case JudgeReply.Text(String text) -> read(text);
        };
    }

    private Score read(String reply) {
        return switch (suite.read(reply)) {
            case RatingsReader.Reading.Rated(JudgedSuite.Ratings ratings) -> scored(ratings);
            case RatingsReader.Reading.Unusable(String fault) ->
                unscored("the judge's reply has no usable ratings" + (fault.isEmpty() ? "" : " (" + fault + ")") + ": "
                        + beginning(reply));
        };
    }

    private Score scored(JudgedSuite.Ratings ratings) {
        Map<String, Object> details = new LinkedHashMap<>(ratings.byDimension());
        if (suite.name().equals("semantic")) {
            details.put("composite", Math.round(ratings.mean() * 100) / 100.0);
        }
        details.put("remark", ratings.remark());
        return new Score(name(), version(), OptionalDouble.of(ratings.mean()), details);
    }

    private Score unscored(String reason) {
        return new Score(name(), version(), OptionalDouble.empty(), Map.of("unscored", reason));
    }

    private static String beginning(String text) {
        String line = PythonText.strip(text).replaceAll("\\s+", " ");
        return PythonText.length(line) <= QUOTED ? line : line.substring(0, line.offsetByCodePoints(0, QUOTED)) + "...";
    }
}
