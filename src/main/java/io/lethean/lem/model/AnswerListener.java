package io.lethean.lem.model;

import java.util.function.Consumer;

/**
 * A listener of an answer that is also told how likely its tokens are, while it grows. It can be given wherever a listener
 * of the text is, and is called on the same thread.
 */
public interface AnswerListener extends Consumer<String> {

    /** Given a piece of the text, after the tokens that made it certain. */
    @Override
    void accept(String piece);

    /**
     * Given each token in turn, if {@link GenerationOptions#logprobs()} asks for it. A token need not add to the text,
     * or may add to it later, as part of a character or of what may be a stop sequence.
     *
     * @param token the token, with its probability and those of the alternatives
     */
    void token(TokenLogprobs token);
}
