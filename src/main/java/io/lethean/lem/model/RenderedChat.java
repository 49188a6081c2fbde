package io.lethean.lem.model;

import io.lethean.lem.internal.llama.Piece;
import io.lethean.lem.internal.tools.AnswerStyle;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A conversation to answer, with its prompt: rendered and tokenized once, for any number of answers and for the parser that
 * reads them. Made by {@link LemModel#render(GenerationRequest.Chat)}, and answered by that model only. Immutable.
 */
public final class RenderedChat implements GenerationRequest {

    private final Origin origin;
    private final GenerationRequest.Chat request;
    private final int[] prompt;
    private final Form form;

    /**
     * Where it was made.
     *
     * @param text the rendered conversation
     */
    record Origin(Conversations conversations, String text) {}

    /**
     * How the answer is generated and read.
     *
     * @param style how the model writes thoughts and calls
     * @param shown special tokens that the text of the answer shows, as they are shown
     * @param grammar of a call that is demanded, or of words with one call at most; null if the options of the answer say what
     *     it must be
     * @param demanded whether a call is demanded
     */
    record Form(
            AnswerStyle style,
            Map<Integer, Piece> shown,
            @Nullable String grammar,
            boolean demanded) {}

    RenderedChat(Origin origin, GenerationRequest.Chat request, int[] prompt, Form form) {
        this.origin = origin;
        this.request = request;
        this.prompt = prompt;
        this.form = form;
        if (form.demanded() && hasGrammar()) {
            throw new IllegalArgumentException(
                    "A call of a tool is demanded and a grammar or JSON Schema is set; choose one.");
        }
    }

    private boolean hasGrammar() {
        return options().grammar().isPresent() || options().jsonSchema().isPresent();
    }

    /** {@return what was rendered} */
    public GenerationRequest.Chat request() {
        return request;
    }

    @Override
    public GenerationOptions options() {
        return request.options();
    }

    /**
     * {@return this prompt with other options of its answer}
     *
     * @param options how the answer is generated
     */
    public RenderedChat withOptions(GenerationOptions options) {
        GenerationRequest.Chat other = new GenerationRequest.Chat(request.messages(), request.chatOptions(), options);
        return new RenderedChat(origin, other, prompt, form);
    }

    /** {@return the prompt as tokens} */
    public List<Integer> prompt() {
        return Arrays.stream(prompt).boxed().toList();
    }

    int promptTokens() {
        return prompt.length;
    }

    /** How many tokens another prompt has in common with this one at its beginning. */
    int commonTokens(List<Integer> other) {
        int most = Math.min(prompt.length, other.size());
        return Place.common(prompt, Tokenizer.ids(other), most);
    }

    /** {@return what reads the answers} */
    public AnswerParser answerParser() {
        ChatOptions options = Conversations.options(request);
        boolean readCalls = Conversations.readsCalls(options);
        int mostCalls = options.oneCall() ? 1 : Integer.MAX_VALUE;
        return new AnswerParser(
                form.style().reader(options.tools(), readCalls, origin.text()), origin.text(), mostCalls);
    }

    /** The parts of an answer; without chat options it is all words, as it was generated. */
    ChatAnswer read(Generation answer) {
        return request.chatOptions().isPresent() ? answerParser().parse(answer) : ChatAnswer.ofWords(answer);
    }

    /**
     * For the model's thread.
     *
     * @throws IllegalArgumentException if another model rendered it
     */
    EncodedRequest encoded(int index, Conversations conversations) {
        if (origin.conversations() != conversations) {
            throw new IllegalArgumentException(
                    "The conversation was rendered by another model, which has other tokens. Render it by this one.");
        }
        GenerationOptions generation = Optional.ofNullable(form.grammar())
                .filter(grammar -> !hasGrammar())
                .map(grammar -> options().toBuilder().grammar(grammar).build())
                .orElse(options());
        return new EncodedRequest(index, prompt, generation, false, form.shown(), null);
    }
}
