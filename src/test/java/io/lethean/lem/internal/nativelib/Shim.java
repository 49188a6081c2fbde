package io.lethean.lem.internal.nativelib;

import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_context_params;
import io.lethean.lem.internal.ffi.llama_model_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** A small model, one context and the shim's calls with their message buffer, for tests of the shim alone. */
final class Shim implements AutoCloseable {

    static final int BATCH = 16;
    private static final int MESSAGE_BYTES = 512;

    final Arena arena = Arena.ofConfined();
    final MemorySegment message = arena.allocate(MESSAGE_BYTES);
    final MemorySegment model;
    final MemorySegment vocab;
    final MemorySegment context;

    private Shim() {
        NativeLibraries.load();
        MemorySegment path = arena.allocateFrom(
                Fixtures.require("models/stories260K-q8_0.gguf").toString());
        model = LlamaCpp.lem_model_load(path, LlamaCpp.llama_model_default_params(arena), message, MESSAGE_BYTES);
        vocab = LlamaCpp.llama_model_get_vocab(model);
        context = LlamaCpp.lem_context_init(model, contextParams(), message, MESSAGE_BYTES);
    }

    static Shim open() {
        return new Shim();
    }

    MemorySegment contextParams() {
        MemorySegment params = LlamaCpp.llama_context_default_params(arena);
        llama_context_params.n_ctx(params, 64);
        llama_context_params.n_batch(params, BATCH);
        llama_context_params.n_ubatch(params, BATCH);
        llama_context_params.n_threads(params, 1);
        llama_context_params.n_threads_batch(params, 1);
        return params;
    }

    MemorySegment initContext(MemorySegment params) {
        return LlamaCpp.lem_context_init(model, params, message, MESSAGE_BYTES);
    }

    MemorySegment loadModel(MemorySegment path, MemorySegment params) {
        return LlamaCpp.lem_model_load(path, params, message, MESSAGE_BYTES);
    }

    MemorySegment modelParams() {
        MemorySegment params = LlamaCpp.llama_model_default_params(arena);
        llama_model_params.n_gpu_layers(params, 0);
        return params;
    }

    int tokenize(String text, int length, int room) {
        MemorySegment tokens = arena.allocate(4L * Math.max(1, room));
        return LlamaCpp.lem_tokenize(
                vocab, arena.allocateFrom(text), length, tokens, room, true, false, message, MESSAGE_BYTES);
    }

    int tokenToPiece(int token) {
        return LlamaCpp.lem_token_to_piece(vocab, token, arena.allocate(64), 64, 0, false, message, MESSAGE_BYTES);
    }

    int detokenize(int... tokens) {
        MemorySegment ids = arena.allocateFrom(LlamaCpp.C_INT, tokens);
        return LlamaCpp.lem_detokenize(
                vocab, ids, tokens.length, arena.allocate(256), 256, false, false, message, MESSAGE_BYTES);
    }

    int decode(MemorySegment batch) {
        return LlamaCpp.lem_decode(context, batch, message, MESSAGE_BYTES);
    }

    /** A batch of tokens for sequence 0, the last one with logits. */
    MemorySegment batch(int... tokens) {
        return LlamaCpp.llama_batch_get_one(arena, arena.allocateFrom(LlamaCpp.C_INT, tokens), tokens.length);
    }

    MemorySegment grammar(String gbnf) {
        return LlamaCpp.lem_grammar_init(
                vocab, arena.allocateFrom(gbnf), arena.allocateFrom("root"), message, MESSAGE_BYTES);
    }

    int accept(MemorySegment sampler, int token) {
        return LlamaCpp.lem_sampler_accept(sampler, token, message, MESSAGE_BYTES);
    }

    int sample(MemorySegment chain, MemorySegment grammar, int row) {
        return LlamaCpp.lem_sampler_sample(chain, grammar, context, row, message, MESSAGE_BYTES);
    }

    MemorySegment greedyChain() {
        MemorySegment chain = LlamaCpp.llama_sampler_chain_init(LlamaCpp.llama_sampler_chain_default_params(arena));
        LlamaCpp.llama_sampler_chain_add(chain, LlamaCpp.llama_sampler_init_greedy());
        return chain;
    }

    /** What the last call wrote. */
    String message() {
        return message.getString(0);
    }

    int id(String piece) {
        MemorySegment tokens = arena.allocate(4L * 16);
        byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
        int count = LlamaCpp.lem_tokenize(
                vocab, arena.allocateFrom(piece), bytes.length, tokens, 16, false, false, message, MESSAGE_BYTES);
        return tokens.getAtIndex(LlamaCpp.C_INT, count - 1);
    }

    @Override
    public void close() {
        LlamaCpp.llama_free(context);
        LlamaCpp.llama_model_free(model);
        arena.close();
    }
}
