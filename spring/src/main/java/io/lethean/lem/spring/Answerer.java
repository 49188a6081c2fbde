package io.lethean.lem.spring;

import io.lethean.lem.model.AnswerParser;
import io.lethean.lem.model.AnswerParts;
import io.lethean.lem.model.AnswerStream;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.ChatAnswer;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.RenderedChat;
import java.util.function.Consumer;

/** Answers conversations on the caller's thread: a model, or in tests a script. */
interface Answerer {

    /** The answer when it is complete. */
    ChatAnswer answer(GenerationRequest.Chat request);

    /**
     * The answer, and its parts as they grow.
     *
     * @param parts given what is new in words, thoughts and calls, on the thread of the model
     */
    ChatAnswer answer(GenerationRequest.Chat request, Consumer<AnswerParts> parts, Cancellation cancellation);

    /** An answerer of this model. */
    static Answerer of(LemModel model) {
        return new Answerer() {
            @Override
            public ChatAnswer answer(GenerationRequest.Chat request) {
                return model.chat(request, text -> {}, new Cancellation());
            }

            @Override
            public ChatAnswer answer(
                    GenerationRequest.Chat request, Consumer<AnswerParts> parts, Cancellation cancellation) {
                RenderedChat rendered = model.render(request);
                AnswerParser parser = rendered.answerParser();
                AnswerStream stream = parser.stream();
                ChatAnswer answer =
                        parser.parse(model.generate(rendered, piece -> parts.accept(stream.add(piece)), cancellation));
                parts.accept(stream.finish());
                return answer;
            }
        };
    }
}
