package io.lethean.lem.evaluation.score;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The scorers that need no judge, by name. A new scorer is one class and one line here: commands, completion and
 * messages read this list, and {@code ScorersTest} checks the {@link Scorer#examples}.
 */
public final class Scorers {

    private static final Map<String, Scorer> BY_NAME = byName(
            new V2Scorer(),
            new LekRegexScorer(),
            new SelfDistillScorer(),
            new Tier1Scorer(),
            new GrammarScorer(),
            Gsm8kScorer.published(),
            Gsm8kScorer.strict(),
            Gsm8kScorer.flexible(),
            new CapabilityScorer());

    private Scorers() {}

    private static Map<String, Scorer> byName(Scorer... scorers) {
        Map<String, Scorer> byName = new LinkedHashMap<>();
        for (Scorer scorer : scorers) {
            byName.put(scorer.name(), scorer);
        }
        return byName;
    }

    /** {@return all names in the order of the documentation} */
    public static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    /**
     * {@return the scorer of a name such as {@code v2}}
     *
     * @param name the name of a scorer, such as {@code v2}
     * @throws IllegalArgumentException if there is no such scorer, or it needs a judge; the message says which
     */
    public static Scorer named(String name) {
        Scorer scorer = BY_NAME.get(name);
        if (scorer == null && needsJudge(name)) {
            throw new IllegalArgumentException("The scorer \"" + name + "\" needs a judge; name one.");
        }
        if (scorer == null) {
            throw new IllegalArgumentException("There is no scorer \"" + name + "\"; choose one of "
                    + String.join(", ", BY_NAME.keySet()) + ", or with a judge "
                    + String.join(", ", JudgedSuite.names()) + ".");
        }
        return scorer;
    }

    /**
     * {@return whether a name is that of a suite that a judge rates}
     *
     * @param name the name of a scorer, such as {@code v2}
     */
    public static boolean needsJudge(String name) {
        return JudgedSuite.names().contains(name);
    }

    /**
     * {@return the scorer of a suite that a judge rates}
     *
     * @param name the name of a scorer, such as {@code v2}
     * @param judge who rates
     */
    public static Scorer judged(String name, Judge judge) {
        return new JudgedScorer(JudgedSuite.named(name), judge);
    }
}
