package io.lethean.lem.model;

import static io.lethean.lem.model.OptionRange.require;

import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * How large the context is and how its KV cache is stored.
 *
 * @param contextTokens tokens that prompt and answer may have together, rounded up by llama.cpp to a multiple of 256; 0,
 *     the default, takes what the model was trained for, at most {@value #AUTO_LIMIT}. More than the model was trained
 *     for is allowed and logged as a warning
 * @param batchTokens the most tokens that one call evaluates, default 2048 as in llama.cpp; a longer prompt is split
 * @param microBatchTokens tokens of a batch that are computed at once, default 512 as in llama.cpp; more takes more
 *     memory
 * @param parallel answers that are generated in parallel, whoever asks for them, default 1. With more, each of them
 *     has a KV cache of {@code contextTokens}
 * @param heldPrompts prompts and conversations that are kept for the next one that begins alike, in addition to those of the
 *     answers being generated; each has a KV cache of {@code contextTokens}, too. If empty, the default, 1 with several
 *     answers in parallel, else 0: then the next prompt takes the place of the one before
 * @param batchInvariant whether the bits of an answer depend on its prompt, its options and {@code parallel} alone, default true.
 *     If false, they also depend on what is generated at the same time and on what is in the KV cache, in the last digits; then
 *     idle sequences cost nothing, and generated tokens in the KV cache are used again. See {@code docs/serving.md}
 * @param flashAttention default {@link FlashAttention#AUTO}
 * @param kvTypeK format of the cached keys, default F16
 * @param kvTypeV format of the cached values, default F16
 */
public record ContextOptions(
        int contextTokens,
        int batchTokens,
        int microBatchTokens,
        int parallel,
        OptionalInt heldPrompts,
        boolean batchInvariant,
        FlashAttention flashAttention,
        KvType kvTypeK,
        KvType kvTypeV) {

    /** The context that {@code contextTokens} 0 stands for where the model was trained for more. */
    public static final int AUTO_LIMIT = 8192;

    /** llama.cpp's own limit on sequences in one context. */
    private static final int MAX_SEQUENCES = 256;

    private static final int MAX_PARALLEL = MAX_SEQUENCES - 1;

    private static final int MAX_BATCH = 1 << 20;

    static final ContextOptions DEFAULTS =
            new ContextOptions(0, 2048, 512, 1, OptionalInt.empty(), true, FlashAttention.AUTO, KvType.F16, KvType.F16);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ContextOptions {
        Objects.requireNonNull(flashAttention, "flashAttention");
        Objects.requireNonNull(kvTypeK, "kvTypeK");
        Objects.requireNonNull(kvTypeV, "kvTypeV");
        require(contextTokens >= 0, "contextTokens", contextTokens, "0 (as the model was trained) or more");
        require("batchTokens", batchTokens, 1, MAX_BATCH);
        require("microBatchTokens", microBatchTokens, 1, MAX_BATCH);
        require("parallel", parallel, 1, MAX_PARALLEL);
        heldPrompts.ifPresent(held -> require("heldPrompts", held, 0, MAX_SEQUENCES - parallel));
        require(
                batchTokens >= parallel && microBatchTokens >= parallel,
                "parallel",
                parallel,
                String.format(
                        Locale.ROOT,
                        "at most batchTokens (%d) and microBatchTokens (%d)",
                        batchTokens,
                        microBatchTokens));
        require(
                !(flashAttention == FlashAttention.OFF && kvTypeV.isQuantized()),
                "kvTypeV",
                kvTypeV,
                "F32, F16 or BF16 when flash attention is off");
    }

    /** {@return KV caches that the context has: one per answer in parallel, and one per prompt that is held} */
    public int sequences() {
        return parallel + heldPrompts.orElse(parallel == 1 ? 0 : 1);
    }
}
