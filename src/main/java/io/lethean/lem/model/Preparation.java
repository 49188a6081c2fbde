package io.lethean.lem.model;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The beginning of a later prompt, which is evaluated while nobody needs the model. Safe for use by any thread. */
final class Preparation {

    private final AtomicInteger evaluated = new AtomicInteger();
    private final GenerationCall call;

    /**
     * @param prompt the tokens, which the later prompt need not have all
     * @param options those of the later answer, for its adapters
     */
    Preparation(List<Integer> prompt, GenerationOptions options) {
        GenerationListener count = (index, outcome) -> {
            if (outcome instanceof GenerationOutcome.Answered(Generation done)) {
                evaluated.set(done.evaluatedTokens());
            }
        };
        this.call = new GenerationCall(List.of(new GenerationRequest.Prepare(prompt, options)), count, text -> {});
    }

    GenerationCall call() {
        return call;
    }

    /** Gives it up. */
    void cancel() {
        call.cancel().raise();
    }

    /** Tokens that were evaluated; 0 until it has ended. */
    int evaluatedTokens() {
        return evaluated.get();
    }
}
