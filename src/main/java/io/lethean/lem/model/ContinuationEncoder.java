package io.lethean.lem.model;

import io.lethean.lem.internal.llama.Vocabulary;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Turns a context and its continuations into tokens as lm-evaluation-harness defines them: whitespace at the end of the
 * context belong to the continuation, both are tokenized together, and the continuation is what comes after as many
 * tokens as the context alone has. An empty context is the beginning-of-sequence token, or the end-of-sequence token of a
 * model without one. Where a model begins its texts with a token, that is there, as with the harness's
 * {@code add_bos_token}.
 */
final class ContinuationEncoder {

    private final Vocabulary vocabulary;
    private final PromptEncoder encoder;

    ContinuationEncoder(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        this.encoder = new PromptEncoder(vocabulary);
    }

    /**
     * @param context tokens to be evaluated, at least one
     * @param continuations tokens of each continuation, at least one in each
     */
    record Encoded(int[] context, List<int[]> continuations) {}

    Encoded encode(String context, List<String> continuations) {
        int end = context.length();
        while (end > 0 && isBlank(context.charAt(end - 1))) {
            end--;
        }
        String words = context.substring(0, end);
        String blanks = context.substring(end);
        return words.isEmpty() ? fromNothing(blanks, continuations) : encode(words, blanks, continuations);
    }

    private Encoded encode(String words, String blanks, List<String> continuations) {
        int[] context = encoder.plain(words);
        List<int[]> tokens = continuations.stream()
                .map(text -> after(context.length, encoder.plain(words + blanks + text), text))
                .toList();
        return new Encoded(context, tokens);
    }

    private Encoded fromNothing(String blanks, List<String> continuations) {
        int start = vocabulary.bos() >= 0 ? vocabulary.bos() : vocabulary.eos();
        if (start < 0) {
            throw new IllegalArgumentException(
                    "The context is empty and this model has no token that begins or ends a text; give it some context.");
        }
        List<int[]> tokens = continuations.stream()
                .map(text -> {
                    int[] all = vocabulary.tokenize(blanks + text, false, false);
                    boolean begun = all.length > 0 && all[0] == start;
                    return after(begun ? 1 : 0, all, text);
                })
                .toList();
        return new Encoded(new int[] {start}, tokens);
    }

    private static int[] after(int length, int[] tokens, String continuation) {
        if (tokens.length <= length) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "The continuation \"%s\" adds no token to its context, so it has no likelihood.",
                    continuation));
        }
        return Arrays.copyOfRange(tokens, length, tokens.length);
    }

    /** What Python's {@code str.rstrip} takes off. */
    private static boolean isBlank(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }
}
