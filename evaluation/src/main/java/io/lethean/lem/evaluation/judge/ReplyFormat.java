package io.lethean.lem.evaluation.judge;

import tools.jackson.databind.JsonNode;

/** How one kind of service is asked, and where its answer stands. */
interface ReplyFormat {

    /** The body of a request. */
    String request(String prompt, int maxTokens);

    /**
     * The text that the service answered.
     *
     * @throws UnusableReplyException if the reply has no text
     */
    String text(JsonNode response) throws UnusableReplyException;
}
