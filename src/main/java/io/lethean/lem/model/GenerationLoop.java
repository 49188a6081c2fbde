package io.lethean.lem.model;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.internal.llama.CancelFlag;
import io.lethean.lem.internal.llama.NativeContext;
import java.util.concurrent.CancellationException;

/** One generation: evaluate the prompt, then choose and evaluate tokens until something ends it. */
final class GenerationLoop {

    private final NativeContext context;
    private final CancelFlag cancel;

    GenerationLoop(NativeContext context, CancelFlag cancel) {
        this.context = context;
        this.cancel = cancel;
    }

    /** Runs it; the caller has checked that the prompt fits. */
    Generation run(int[] prompt, AnswerInProgress answer) {
        context.clear();
        boolean evaluated = !cancel.isRaised() && context.decode(prompt);
        answer.promptEvaluated();
        while (evaluated) {
            FinishReason reason = answer.choose(context.logits());
            if (reason != null) {
                return answer.end(reason);
            }
            evaluated = !cancel.isRaised() && context.decode(answer.token());
        }
        return answer.end(FinishReason.CANCELLED);
    }

    /**
     * The scores of all tokens after these.
     *
     * @throws ContextOverflowException if they do not fit, before anything is evaluated
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
}
