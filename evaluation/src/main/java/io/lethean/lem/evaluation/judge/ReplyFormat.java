package io.lethean.lem.evaluation.judge;

import tools.jackson.databind.JsonNode;

/** How one kind of service is asked, and where the text is in its response. */
interface ReplyFormat {

    /** The body of a request. */
    String request(String prompt, int maxTokens);

    /**
     * The text that the service answered.
     *
     * @throws UnusableReplyException if there is no text
     */
    String text(JsonNode response) throws UnusableReplyException;

    /**
     * Changes later requests if a service refused a parameter that they can do without. Each parameter is changed at
     * most once.
     *
     * @param refusal the body of the response with status 400 or 422
     */
    default void adapt(String refusal) {}
}
