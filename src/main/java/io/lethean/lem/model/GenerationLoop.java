package io.lethean.lem.model;

import io.lethean.lem.internal.llama.CancelFlag;
import io.lethean.lem.internal.llama.NativeContext;

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
}
