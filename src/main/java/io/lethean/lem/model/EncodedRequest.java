package io.lethean.lem.model;

import io.lethean.lem.internal.llama.Piece;
import java.util.Map;

/**
 * A request with its prompt as tokens.
 *
 * @param index its place among the requests
 * @param prompt fits the context
 * @param preparation whether the prompt is only evaluated, and not answered
 * @param shown special tokens that the text of the answer shows, as they are shown
 */
record EncodedRequest(
        int index, int[] prompt, GenerationOptions options, boolean preparation, Map<Integer, Piece> shown) {

    EncodedRequest(int index, int[] prompt, GenerationOptions options, boolean preparation) {
        this(index, prompt, options, preparation, Map.of());
    }

    /** What becomes of a request that ends before it was begun. */
    static GenerationOutcome unanswered(FinishReason reason) {
        return new GenerationOutcome.Answered(Generation.builder("", reason).build());
    }
}
