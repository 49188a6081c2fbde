package io.lethean.lem.evaluation.run;

import io.lethean.lem.Message;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationListener;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.TextGenerator;
import java.util.List;

/** A model that is given conversations as plain text: the contents joined by blank lines, without its template. */
public final class PlainChat implements TextGenerator {

    private final LemModel model;

    /**
     * Chat by a model that was not trained on conversations.
     *
     * @param model stays the caller's
     */
    public PlainChat(LemModel model) {
        this.model = model;
    }

    @Override
    public Generation chat(List<Message> messages, GenerationOptions options) {
        return model.generate(text(messages), options);
    }

    @Override
    public void chatAll(List<GenerationRequest.Chat> requests, GenerationListener listener) {
        List<GenerationRequest.Text> texts = requests.stream()
                .map(request -> new GenerationRequest.Text(text(request.messages()), request.options()))
                .toList();
        model.generateAll(texts, listener, new Cancellation());
    }

    private static String text(List<Message> messages) {
        return String.join("\n\n", messages.stream().map(Message::content).toList());
    }
}
