package io.lethean.lem.model;

import io.lethean.lem.ContextOverflowException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CancellationException;

/** One generation: evaluate the prompt, then choose and evaluate tokens until something ends it. */
final class GenerationLoop {

    private final NativeContext context;
    private final Vocabulary vocabulary;
    private final CancelFlag cancel;

    GenerationLoop(NativeContext context, Vocabulary vocabulary, CancelFlag cancel) {
        this.context = context;
        this.vocabulary = vocabulary;
        this.cancel = cancel;
    }

    /**
     * Runs it.
     *
     * @throws ContextOverflowException if the prompt does not fit, before anything is evaluated
     * @throws IllegalArgumentException if the prompt has no token
     */
    Generation run(int[] prompt, int maxTokens, TokenSelector selector, TextStream text) {
        context.requireFits(prompt);
        TokenHistory history = new TokenHistory(prompt);
        context.clear();
        long start = System.nanoTime();
        boolean evaluated = !cancel.isRaised() && context.decode(prompt);
        long middle = System.nanoTime();
        FinishReason reason = evaluated
                ? generate(history, maxTokens, prompt.length, selector, text)
                : FinishReason.CANCELLED;
        text.finish();
        Timings timings = new Timings(Duration.ofNanos(middle - start), Duration.ofNanos(System.nanoTime() - middle));
        return result(history, text, reason, prompt.length, timings);
    }

    /**
     * The scores of all tokens after these.
     *
     * @throws CancellationException if it was cancelled
     */
    float[] scores(int[] tokens) {
        context.requireFits(tokens);
        context.clear();
        if (!context.decode(tokens)) {
            throw new CancellationException("The evaluation of %d tokens was cancelled.".formatted(tokens.length));
        }
        return context.scores();
    }

    private FinishReason generate(
            TokenHistory history, int maxTokens, int promptLength, TokenSelector selector, TextStream text) {
        int room = context.capacity() - promptLength;
        while (true) {
            int token = selector.select(context.logits(), history);
            Piece piece = vocabulary.piece(token);
            if (piece.endOfGeneration()) {
                return FinishReason.END_OF_TURN;
            }
            history.add(token);
            text.append(piece);
            if (text.stopped()) {
                return FinishReason.STOP_SEQUENCE;
            }
            if (history.generatedCount() == maxTokens || history.generatedCount() > room) {
                return FinishReason.LENGTH;
            }
            if (cancel.isRaised() || !context.decode(token)) {
                return FinishReason.CANCELLED;
            }
        }
    }

    private Generation result(
            TokenHistory history, TextStream text, FinishReason reason, int promptTokens, Timings timings) {
        int[] generated = history.generated();
        boolean specialOnly = generated.length > 0
                && Arrays.stream(generated).allMatch(token -> vocabulary.piece(token).special());
        return new Generation(
                text.text(), Arrays.stream(generated).boxed().toList(), reason, promptTokens, generated.length, timings,
                specialOnly);
    }
}
