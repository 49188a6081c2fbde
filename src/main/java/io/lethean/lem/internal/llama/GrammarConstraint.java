package io.lethean.lem.internal.llama;

import io.lethean.lem.GrammarException;
import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_token_data;
import io.lethean.lem.internal.ffi.llama_token_data_array;
import io.lethean.lem.internal.llama.NativeText.ErrorBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/** What a GBNF grammar allows next, by llama.cpp's matcher. Confined to the model's thread. */
public final class GrammarConstraint implements AutoCloseable {

    private final Arena arena = Arena.ofConfined();
    private final ErrorBuffer error = new ErrorBuffer(arena);
    private final MemorySegment sampler;
    private final MemorySegment candidates;
    private final MemorySegment array = llama_token_data_array.allocate(arena);

    private GrammarConstraint(Vocabulary vocabulary, String gbnf) {
        candidates = llama_token_data.allocateArray(vocabulary.size(), arena);
        llama_token_data_array.data(array, candidates);
        sampler = LlamaCpp.lem_grammar_init(
                vocabulary.handle(),
                arena.allocateFrom(gbnf),
                arena.allocateFrom("root"),
                error.address(),
                error.size());
    }

    /**
     * Reads a grammar that starts with the rule {@code root}.
     *
     * @throws GrammarException if it is malformed or exceeds a limit
     */
    public static GrammarConstraint of(Vocabulary vocabulary, String gbnf) {
        if (gbnf.indexOf('\0') >= 0) {
            throw new GrammarException("The grammar contains a NUL character.");
        }
        GrammarConstraint constraint = new GrammarConstraint(vocabulary, gbnf);
        if (constraint.sampler.equals(MemorySegment.NULL)) {
            String reason = constraint.error.message();
            constraint.arena.close();
            throw new GrammarException(String.format(
                    Locale.ROOT, "The grammar could not be used: %s. It is GBNF with a rule named root.", reason));
        }
        return constraint;
    }

    /** Whether the grammar allows this token now. */
    public boolean allows(int token) {
        put(0, token, 0);
        apply(1);
        return llama_token_data.logit(llama_token_data.asSlice(candidates, 0)) == 0;
    }

    /** Sets the scores of tokens that the grammar does not allow to minus infinity. */
    public void mask(float[] scores) {
        for (int token = 0; token < scores.length; token++) {
            put(token, token, scores[token]);
        }
        apply(scores.length);
        for (int token = 0; token < scores.length; token++) {
            scores[token] = llama_token_data.logit(llama_token_data.asSlice(candidates, token));
        }
    }

    private void put(int index, int token, float logit) {
        MemorySegment candidate = llama_token_data.asSlice(candidates, index);
        llama_token_data.id(candidate, token);
        llama_token_data.logit(candidate, logit);
    }

    private void apply(int count) {
        llama_token_data_array.size(array, count);
        llama_token_data_array.selected(array, -1);
        llama_token_data_array.sorted(array, false);
        check(LlamaCpp.lem_sampler_apply(sampler, array, error.address(), error.size()), "llama_sampler_apply");
    }

    /** Moves on by a token that is allowed. */
    public void accept(int token) {
        check(LlamaCpp.lem_sampler_accept(sampler, token, error.address(), error.size()), "llama_sampler_accept");
    }

    private void check(int code, String function) {
        if (code < 0) {
            throw new NativeCallException("The grammar failed: " + error.message() + ".", function, code);
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            LlamaCpp.llama_sampler_free(sampler);
            arena.close();
        }
    }
}
