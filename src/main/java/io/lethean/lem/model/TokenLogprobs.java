package io.lethean.lem.model;

import java.util.List;

/**
 * How likely the model found a token that was generated.
 *
 * <p>Probabilities are the softmax of the model's own logits over the whole vocabulary, in double precision: before bias,
 * penalties, grammar, filters and temperature. So a token that these options have brought about can have a low probability.
 *
 * @param token its id
 * @param logprob the natural logarithm of its probability
 * @param top the most likely tokens at this place in falling order, as many as {@link GenerationOptions#logprobs()} says; the
 *     lower id first among equals. The generated token is one of them only if it is as likely
 */
public record TokenLogprobs(int token, double logprob, List<Alternative> top) {

    /** Copies the list, so that later changes of it do not count. */
    public TokenLogprobs {
        top = List.copyOf(top);
    }

    /**
     * A token that could have been generated.
     *
     * @param token its id
     * @param logprob the natural logarithm of its probability
     */
    public record Alternative(int token, double logprob) {}
}
