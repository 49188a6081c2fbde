package io.lethean.lem.model;

import io.lethean.lem.internal.llama.CancelFlag;
import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Turns many requests into answers: in parallel where the context has room for several, else one after the other. */
final class RequestQueue {

    private final NativeContext context;
    private final Vocabulary vocabulary;
    private final Tokenizer tokenizer;
    private final CancelFlag cancel;

    /** Used on the model's thread only. */
    RequestQueue(NativeContext context, Tokenizer tokenizer, CancelFlag cancel) {
        this.context = context;
        this.vocabulary = tokenizer.vocabulary();
        this.tokenizer = tokenizer;
        this.cancel = cancel;
    }

    /** Answers one request. */
    Generation answer(GenerationRequest request, Consumer<String> listener) {
        return generate(encode(0, request), listener);
    }

    void run(List<? extends GenerationRequest> requests, GenerationListener listener) {
        List<EncodedRequest> encoded = new ArrayList<>();
        for (int index = 0; index < requests.size(); index++) {
            try {
                encoded.add(encode(index, requests.get(index)));
            } catch (RuntimeException unusable) {
                listener.finished(index, new GenerationOutcome.Failed(unusable));
            }
        }
        if (context.parallel() > 1) {
            new ParallelGeneration(context, vocabulary, this::selector, cancel, listener).run(encoded);
        } else {
            encoded.forEach(request -> answer(request, listener));
        }
    }

    private EncodedRequest encode(int index, GenerationRequest request) {
        int[] prompt = switch (request) {
            case GenerationRequest.Text text -> tokenizer.encoder().plain(text.prompt());
            case GenerationRequest.Chat chat -> tokenizer.conversations().tokens(chat.messages());
        };
        context.requireFits(prompt);
        return new EncodedRequest(index, prompt, request.options());
    }

    private void answer(EncodedRequest request, GenerationListener listener) {
        if (cancel.isRaised()) {
            listener.finished(request.index(), EncodedRequest.CANCELLED);
            return;
        }
        listener.started(request.index());
        GenerationOutcome outcome;
        try {
            outcome = new GenerationOutcome.Answered(generate(request, text -> {}));
        } catch (RuntimeException failed) {
            outcome = new GenerationOutcome.Failed(failed);
        }
        listener.finished(request.index(), outcome);
    }

    private Generation generate(EncodedRequest request, Consumer<String> listener) {
        TokenSelector selector = selector(request.options());
        try (AnswerInProgress answer = request.begin(vocabulary, context.capacity(), selector, listener)) {
            return new GenerationLoop(context, cancel).run(request.prompt(), answer);
        }
    }

    private TokenSelector selector(GenerationOptions options) {
        return TokenSelector.of(options, vocabulary);
    }
}
