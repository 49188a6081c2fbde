package io.lethean.lem.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Turns many requests into answers: side by side where the context has room for several, else one after the other. */
final class RequestQueue {

    private final NativeContext context;
    private final Vocabulary vocabulary;
    private final PromptEncoder encoder;
    private final Supplier<Conversations> conversations;
    private final CancelFlag cancel;

    RequestQueue(
            ModelLoader.Loaded loaded,
            PromptEncoder encoder,
            Supplier<Conversations> conversations,
            CancelFlag cancel) {
        this.context = loaded.context();
        this.vocabulary = loaded.vocabulary();
        this.encoder = encoder;
        this.conversations = conversations;
        this.cancel = cancel;
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
            case GenerationRequest.Text text -> encoder.plain(text.prompt());
            case GenerationRequest.Chat chat -> conversations.get().tokens(chat.messages());
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
        try (AnswerInProgress answer =
                request.begin(vocabulary, context.capacity(), selector(request.options()), text -> {})) {
            outcome = new GenerationOutcome.Answered(new GenerationLoop(context, cancel).run(request.prompt(), answer));
        } catch (RuntimeException failed) {
            outcome = new GenerationOutcome.Failed(failed);
        }
        listener.finished(request.index(), outcome);
    }

    private TokenSelector selector(GenerationOptions options) {
        return TokenSelector.of(options, vocabulary);
    }
}
