package io.lethean.lem.evaluation.score;

import java.util.Optional;

/**
 * What a judge is asked.
 *
 * @param suite the suite that asks, which knows what a usable reply is
 * @param text the whole prompt
 */
public record JudgePrompt(JudgedSuite suite, String text) {

    /** {@return the suite and the version of its wording, such as {@code truthfulqa/lem-1}} */
    public String version() {
        return suite.name() + "/" + suite.version();
    }

    /** {@return the JSON Schema of a usable reply, to which a local judge can be held} */
    public String jsonSchema() {
        return suite.jsonSchema();
    }

    /**
     * {@return true if the ratings can be read from a reply}
     *
     * @param reply what the judge wrote
     */
    public boolean accepts(String reply) {
        return suite.ratings(reply).isPresent();
    }

    /**
     * {@return what is wrong with a reply, as a clause such as {@code kindness is missing}; empty if the reply is
     * accepted}
     *
     * @param reply what the judge wrote
     */
    public Optional<String> fault(String reply) {
        return suite.read(reply) instanceof RatingsReader.Reading.Unusable(String fault)
                ? Optional.of(fault.isEmpty() ? "it has no JSON object with ratings" : fault)
                : Optional.empty();
    }

    /**
     * {@return this prompt for a second request, which says what was wrong with the first reply}
     *
     * @param reply what the judge wrote
     * @param fault what was wrong with it, as {@link #fault} says
     */
    public String textAfter(String reply, String fault) {
        return suite.promptAfter(text, reply, fault);
    }
}
