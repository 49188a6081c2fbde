package io.lethean.lem.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_context_params;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** llama.cpp asked directly: a model, perhaps with adapters, one thread, keys and values in full precision. */
final class NativeLogits implements LogitSource, AutoCloseable {

    private static final int F32 = 0;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment model;
    private final List<MemorySegment> adapters;
    private final float[] strengths;
    private final int vocabulary;

    NativeLogits(Path file, List<AdapterUse> uses) {
        NativeLibraries.load();
        MemorySegment parameters = LlamaCpp.llama_model_default_params(arena);
        model = LlamaCpp.llama_model_load_from_file(arena.allocateFrom(file.toString()), parameters);
        assertThat(model.address()).as("llama.cpp loads " + file).isNotZero();
        vocabulary = LlamaCpp.llama_vocab_n_tokens(LlamaCpp.llama_model_get_vocab(model));
        adapters = uses.stream().map(this::load).toList();
        strengths = new float[uses.size()];
        for (int i = 0; i < strengths.length; i++) {
            strengths[i] = uses.get(i).weight();
        }
    }

    private MemorySegment load(AdapterUse use) {
        MemorySegment adapter = LlamaCpp.llama_adapter_lora_init(
                model, arena.allocateFrom(use.path().toString()));
        assertThat(adapter.address()).as("llama.cpp loads " + use.path()).isNotZero();
        return adapter;
    }

    @Override
    public void evaluate(int[] tokens, Consumer<float[]> rows) {
        MemorySegment context = context();
        try {
            for (int token : tokens) {
                MemorySegment batch =
                        LlamaCpp.llama_batch_get_one(arena, arena.allocateFrom(ValueLayout.JAVA_INT, token), 1);
                assertThat(LlamaCpp.llama_decode(context, batch)).isZero();
                MemorySegment logits = LlamaCpp.llama_get_logits_ith(context, -1);
                rows.accept(logits.reinterpret(4L * vocabulary).toArray(ValueLayout.JAVA_FLOAT));
            }
        } finally {
            LlamaCpp.llama_free(context);
        }
    }

    private MemorySegment context() {
        MemorySegment parameters = LlamaCpp.llama_context_default_params(arena);
        llama_context_params.n_ctx(parameters, 128);
        llama_context_params.n_threads(parameters, 1);
        llama_context_params.n_threads_batch(parameters, 1);
        llama_context_params.flash_attn_type(parameters, 0);
        llama_context_params.type_k(parameters, F32);
        llama_context_params.type_v(parameters, F32);
        MemorySegment context = LlamaCpp.llama_init_from_model(model, parameters);
        assertThat(context.address()).isNotZero();
        if (!adapters.isEmpty()) {
            MemorySegment handles = arena.allocate(ValueLayout.ADDRESS, adapters.size());
            for (int i = 0; i < adapters.size(); i++) {
                handles.setAtIndex(ValueLayout.ADDRESS, i, adapters.get(i));
            }
            MemorySegment scales = arena.allocateFrom(ValueLayout.JAVA_FLOAT, strengths);
            assertThat(LlamaCpp.llama_set_adapters_lora(context, handles, adapters.size(), scales))
                    .isZero();
        }
        return context;
    }

    @Override
    public void close() {
        LlamaCpp.llama_model_free(model);
        arena.close();
    }
}
