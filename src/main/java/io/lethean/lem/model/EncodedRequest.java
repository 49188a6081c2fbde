package io.lethean.lem.model;

import io.lethean.lem.internal.llama.Piece;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request with its prompt as tokens.
 *
 * @param index its place among the requests
 * @param prompt fits the context
 * @param preparation whether the prompt is only evaluated, and not answered
 * @param shown special tokens that the text of the answer shows, as they are shown
 * @param adapters those that it names; null for those of the model
 */
record EncodedRequest(
        int index,
        int[] prompt,
        GenerationOptions options,
        boolean preparation,
        Map<Integer, Piece> shown,
        @Nullable AdapterSet adapters) {

    EncodedRequest(int index, int[] prompt, GenerationOptions options, boolean preparation) {
        this(index, prompt, options, preparation, Map.of(), null);
    }

    EncodedRequest with(@Nullable AdapterSet named) {
        return new EncodedRequest(index, prompt, options, preparation, shown, named);
    }

    /** What becomes of a request that ends before it was begun. */
    static GenerationOutcome unanswered(FinishReason reason) {
        return new GenerationOutcome.Answered(Generation.builder("", reason).build());
    }
}
