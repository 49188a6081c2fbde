package io.lethean.lem.model;

import io.lethean.lem.internal.llama.Vocabulary;
import io.lethean.lem.model.Conversations.TextSpan;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Turns prompts into tokens. */
final class PromptEncoder {

    private final Vocabulary vocabulary;

    PromptEncoder(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** A text to continue: it begins as the model says, and the texts of control tokens in it are ordinary text. */
    int[] plain(String text) {
        return withoutEnd(vocabulary.tokenize(text, true, false));
    }

    /** A conversation that a template rendered: the control tokens in it are meant, and it may bring its own beginning. */
    int[] rendered(String text) {
        return begunOnce(withoutEnd(vocabulary.tokenize(text, true, true)));
    }

    /** A whole rendered text, with the token that ends it where the model adds one. */
    int[] whole(String text) {
        return begunOnce(vocabulary.tokenize(text, true, true));
    }

    /** A rendered conversation in pieces; those of messages are ordinary text. */
    int[] spans(List<TextSpan> spans) {
        IntStream.Builder tokens = IntStream.builder();
        boolean first = true;
        for (TextSpan span : spans) {
            int[] part = withoutEnd(vocabulary.tokenize(span.text(), first, !span.ofMessage()));
            Arrays.stream(part).forEach(tokens);
            first = false;
        }
        return begunOnce(tokens.build().toArray());
    }

    /** A template may bring the token that begins a text, which the tokenizer then adds again. */
    private int[] begunOnce(int[] tokens) {
        boolean twice = tokens.length > 1 && tokens[0] == vocabulary.bos() && tokens[1] == vocabulary.bos();
        return twice ? Arrays.copyOfRange(tokens, 1, tokens.length) : tokens;
    }

    /** Some models end every text with a token, after which there is nothing to continue. */
    private int[] withoutEnd(int[] tokens) {
        boolean ended = vocabulary.addsEos() && tokens.length > 0 && tokens[tokens.length - 1] == vocabulary.eos();
        return ended ? Arrays.copyOf(tokens, tokens.length - 1) : tokens;
    }
}
