package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.InvalidModelException;
import java.util.Locale;
import java.util.function.Function;

/** How much a vocabulary may hold: what the check of GGUF files allows. */
final class VocabularyLimits {

    static final int MAX_TOKENS = 1 << 22;

    private VocabularyLimits() {}

    static int id(long id, String token, Function<String, InvalidModelException> refusal) {
        if (id < 0 || id >= MAX_TOKENS) {
            throw refusal.apply("gives the token " + Quoted.of(token) + " the id " + id + ", and ids from 0 to "
                    + (MAX_TOKENS - 1) + " are possible");
        }
        return (int) id;
    }

    static void requireCount(String what, int count, Function<String, InvalidModelException> refusal) {
        if (count > MAX_TOKENS) {
            throw refusal.apply(
                    String.format(Locale.ROOT, "has more than %d %s, which no real tokenizer has", MAX_TOKENS, what));
        }
    }
}
