package io.lethean.lem.model;

import io.lethean.lem.internal.llama.Piece;
import io.lethean.lem.internal.llama.Vocabulary;
import java.util.Map;
import java.util.function.Consumer;

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

    /** What becomes of a request that was not begun when all were cancelled. */
    static final GenerationOutcome CANCELLED = new GenerationOutcome.Answered(
            Generation.builder("", FinishReason.CANCELLED).build());

    /**
     * Begins the answer.
     *
     * @param selector is closed with the answer
     * @param listener given the text as it grows
     */
    AnswerInProgress begin(Vocabulary vocabulary, int capacity, TokenSelector selector, Consumer<String> listener) {
        TextStream text = new TextStream(options.stop(), listener);
        AnswerInProgress answer = new AnswerInProgress(vocabulary, prompt, options, capacity, selector, text);
        answer.show(shown);
        return answer;
    }
}
