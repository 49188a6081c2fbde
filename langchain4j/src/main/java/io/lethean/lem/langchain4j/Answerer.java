package io.lethean.lem.langchain4j;

import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.ChatAnswer;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.RenderedChat;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * What answers conversations.
 *
 * @param model the model; not owned
 * @param script changes each request before the model gets it, by which a test decides what the model says
 */
record Answerer(LemModel model, UnaryOperator<GenerationRequest.Chat> script) {

    static Answerer of(LemModel model) {
        return new Answerer(model, UnaryOperator.identity());
    }

    /** Renders on the caller's thread. */
    RenderedChat render(GenerationRequest.Chat request) {
        return model.render(script.apply(request));
    }

    /** @param listener given each piece of the text, on the thread of the model */
    Generation generate(RenderedChat chat, Consumer<String> listener, Cancellation cancellation) {
        return model.generate(chat, listener, cancellation);
    }

    ChatAnswer answer(GenerationRequest.Chat request) {
        RenderedChat chat = render(request);
        return chat.answerParser().parse(generate(chat, piece -> {}, new Cancellation()));
    }
}
