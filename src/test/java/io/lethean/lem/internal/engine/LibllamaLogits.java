package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_batch;
import io.lethean.lem.internal.ffi.llama_context_params;
import io.lethean.lem.internal.ffi.llama_model_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The logits that llama.cpp itself computes for one sequence, with an f32 cache and without flash attention. */
public final class LibllamaLogits {

    private LibllamaLogits() {}

    /** Row t holds the logits after token t. */
    public static float[][] of(Path model, int[] tokens) {
        return of(model, null, tokens);
    }

    /** Logits with an adapter applied with weight 1; null without an adapter. */
    public static float[][] of(Path model, @Nullable Path adapter, int[] tokens) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment modelParams = LlamaCpp.llama_model_default_params(arena);
            llama_model_params.n_gpu_layers(modelParams, 0);
            llama_model_params.use_extra_bufts(modelParams, false);
            MemorySegment loaded =
                    LlamaCpp.llama_model_load_from_file(arena.allocateFrom(model.toString()), modelParams);
            if (loaded.equals(MemorySegment.NULL)) {
                throw new AssertionError("llama.cpp did not load " + model);
            }
            MemorySegment context = LlamaCpp.llama_init_from_model(loaded, contextParams(arena, tokens.length));
            try {
                if (adapter != null) {
                    apply(arena, loaded, context, adapter);
                }
                return decode(arena, loaded, context, tokens);
            } finally {
                LlamaCpp.llama_free(context);
                LlamaCpp.llama_model_free(loaded);
            }
        }
    }

    /**
     * The summed loss of a batch's targets in llama.cpp, the adapter applied with weight 1; null without an adapter. A sequence's
     * padding comes after its tokens, so it changes no logits of theirs.
     */
    public static double summedLoss(Path model, @Nullable Path adapter, SampleBatch batch) {
        double sum = 0;
        for (int s = 0; s < batch.sequences(); s++) {
            int start = s * batch.tokensPerSequence();
            float[][] logits =
                    of(model, adapter, Arrays.copyOfRange(batch.tokens(), start, start + batch.tokensPerSequence()));
            for (int t = 0; t < logits.length; t++) {
                int target = batch.targets()[start + t];
                sum += target == SampleBatch.NO_TARGET ? 0 : loss(logits[t], target);
            }
        }
        return sum;
    }

    private static double loss(float[] logits, int target) {
        double[] row = GradientCase.doubles(logits);
        return Math.log(
                Arrays.stream(row).map(value -> Math.exp(value - row[target])).sum());
    }

    private static void apply(Arena arena, MemorySegment model, MemorySegment context, Path adapter) {
        MemorySegment lora = LlamaCpp.llama_adapter_lora_init(model, arena.allocateFrom(adapter.toString()));
        if (lora.equals(MemorySegment.NULL)) {
            throw new AssertionError("llama.cpp did not load " + adapter);
        }
        MemorySegment loras = arena.allocate(ValueLayout.ADDRESS, 1);
        loras.set(ValueLayout.ADDRESS, 0, lora);
        LlamaCpp.llama_set_adapters_lora(context, loras, 1, arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1));
    }

    private static MemorySegment contextParams(Arena arena, int length) {
        MemorySegment params = LlamaCpp.llama_context_default_params(arena);
        llama_context_params.n_ctx(params, Math.max(256, length));
        llama_context_params.n_batch(params, Math.max(256, length));
        llama_context_params.n_ubatch(params, Math.max(256, length));
        llama_context_params.n_threads(params, 1);
        llama_context_params.n_threads_batch(params, 1);
        llama_context_params.type_k(params, LlamaCpp.GGML_TYPE_F32());
        llama_context_params.type_v(params, LlamaCpp.GGML_TYPE_F32());
        llama_context_params.flash_attn_type(params, LlamaCpp.LLAMA_FLASH_ATTN_TYPE_DISABLED());
        return params;
    }

    private static float[][] decode(Arena arena, MemorySegment model, MemorySegment context, int[] tokens) {
        MemorySegment batch = LlamaCpp.llama_batch_init(arena, tokens.length, 0, 1);
        int n = tokens.length;
        llama_batch.n_tokens(batch, n);
        for (int t = 0; t < n; t++) {
            llama_batch.token(batch).reinterpret(4L * n).setAtIndex(ValueLayout.JAVA_INT, t, tokens[t]);
            llama_batch.pos(batch).reinterpret(4L * n).setAtIndex(ValueLayout.JAVA_INT, t, t);
            llama_batch.n_seq_id(batch).reinterpret(4L * n).setAtIndex(ValueLayout.JAVA_INT, t, 1);
            llama_batch
                    .seq_id(batch)
                    .reinterpret(8L * n)
                    .getAtIndex(ValueLayout.ADDRESS, t)
                    .reinterpret(4)
                    .set(ValueLayout.JAVA_INT, 0, 0);
            llama_batch.logits(batch).reinterpret(n).set(ValueLayout.JAVA_BYTE, t, (byte) 1);
        }
        int status = LlamaCpp.llama_decode(context, batch);
        LlamaCpp.llama_batch_free(batch);
        if (status != 0) {
            throw new AssertionError("llama_decode returned " + status);
        }
        int vocabulary = LlamaCpp.llama_vocab_n_tokens(LlamaCpp.llama_model_get_vocab(model));
        float[][] rows = new float[n][];
        for (int t = 0; t < n; t++) {
            rows[t] = LlamaCpp.llama_get_logits_ith(context, t)
                    .reinterpret((long) vocabulary * Float.BYTES)
                    .toArray(ValueLayout.JAVA_FLOAT);
        }
        return rows;
    }
}
