package io.lethean.lem.spring.autoconfigure;

import io.lethean.lem.model.FlashAttention;
import io.lethean.lem.model.GpuLayers;
import io.lethean.lem.model.KvType;
import io.lethean.lem.model.ModelOptions;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a model is loaded. What is not set is as {@link ModelOptions#defaults()} says.
 *
 * @param contextTokens Tokens that prompt and answer may have together; 0 takes what the model was trained for, at most 8192.
 * @param batchTokens The most tokens that one call evaluates.
 * @param microBatchTokens Tokens of a batch that are computed at once.
 * @param parallel Answers that are generated in parallel; each has a KV cache of context-tokens.
 * @param heldPrompts Prompts that are kept for the next one that begins alike; each has a KV cache of context-tokens.
 * @param batchInvariant Whether the bits of an answer do not depend on what is generated at the same time.
 * @param flashAttention Whether attention is computed by the fused operation.
 * @param kvTypeK Number format of the cached keys.
 * @param kvTypeV Number format of the cached values.
 * @param device auto, cpu, or the name of a device.
 * @param gpuLayers Layers on the GPU: auto, all or a number.
 * @param threads Threads that generate; 0 leaves one processor free.
 * @param batchThreads Threads that evaluate prompts; 0 takes as many as generate.
 * @param maxCalls The most calls at a time, those that wait included; one more is refused.
 * @param mmap Whether the file is mapped instead of read.
 * @param checkTensors Whether loading looks for NaN and infinite weights, which reads the whole file.
 */
public record LoadProperties(
        @Nullable Integer contextTokens,
        @Nullable Integer batchTokens,
        @Nullable Integer microBatchTokens,
        @Nullable Integer parallel,
        @Nullable Integer heldPrompts,
        @Nullable Boolean batchInvariant,
        @Nullable FlashAttention flashAttention,
        @Nullable KvType kvTypeK,
        @Nullable KvType kvTypeV,
        @Nullable String device,
        @Nullable String gpuLayers,
        @Nullable Integer threads,
        @Nullable Integer batchThreads,
        @Nullable Integer maxCalls,
        @Nullable Boolean mmap,
        @Nullable Boolean checkTensors) {

    static final LoadProperties DEFAULTS = new LoadProperties(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    /** @throws IllegalArgumentException if a value is out of its range */
    ModelOptions modelOptions() {
        ModelOptions.Builder builder = ModelOptions.builder();
        set(contextTokens, builder::contextTokens);
        set(batchTokens, builder::batchTokens);
        set(microBatchTokens, builder::microBatchTokens);
        set(parallel, builder::parallel);
        set(heldPrompts, builder::heldPrompts);
        set(batchInvariant, builder::batchInvariant);
        set(flashAttention, builder::flashAttention);
        set(kvTypeK, builder::kvTypeK);
        set(kvTypeV, builder::kvTypeV);
        set(device, builder::device);
        set(gpuLayers, layers -> builder.gpuLayers(GpuLayers.parse(layers)));
        set(threads, builder::threads);
        set(batchThreads, builder::batchThreads);
        set(maxCalls, builder::maxCalls);
        set(mmap, builder::mmap);
        set(checkTensors, builder::checkTensors);
        return builder.build();
    }

    private static <T> void set(@Nullable T value, Consumer<T> setter) {
        if (value != null) {
            setter.accept(value);
        }
    }
}
