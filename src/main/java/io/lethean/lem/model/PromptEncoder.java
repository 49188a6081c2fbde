package io.lethean.lem.model;

import java.util.Arrays;

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
        int[] tokens = withoutEnd(vocabulary.tokenize(text, true, true));
        boolean twice = tokens.length > 1 && tokens[0] == vocabulary.bos() && tokens[1] == vocabulary.bos();
        return twice ? Arrays.copyOfRange(tokens, 1, tokens.length) : tokens;
    }

    /** Some models end every text with a token, after which there is nothing to continue. */
    private int[] withoutEnd(int[] tokens) {
        boolean ended = vocabulary.addsEos() && tokens.length > 0 && tokens[tokens.length - 1] == vocabulary.eos();
        return ended ? Arrays.copyOf(tokens, tokens.length - 1) : tokens;
    }
}
