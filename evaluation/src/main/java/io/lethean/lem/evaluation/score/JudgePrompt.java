package io.lethean.lem.evaluation.score;

/**
 * What a judge is asked.
 *
 * @param suite the suite that asks, which knows what a usable reply is
 * @param text the whole prompt
 */
public record JudgePrompt(JudgedSuite suite, String text) {

    /** The suite and the version of its wording, such as {@code truthfulqa/lem-1}. */
    public String version() {
        return suite.name() + "/" + suite.version();
    }

    /** The JSON Schema of a usable reply, to which a local judge can be held. */
    public String jsonSchema() {
        return suite.jsonSchema();
    }

    /** True if the ratings can be read from a reply. */
    public boolean accepts(String reply) {
        return suite.ratings(reply).isPresent();
    }
}
