package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.train.options.Target;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The weights of one layer.
 *
 * @param projections all that the layer has, without those of experts
 * @param mixture the feed-forward part if it is a mixture of experts; else null
 * @param nextToDense what joins the mixture and a dense part next to it; null unless there are both
 * @param attentionNorm before attention
 * @param feedForwardNorm before the feed-forward part
 * @param queryNorm per query head; null if the architecture lacks it
 * @param keyNorm per KV head; null if the architecture lacks it
 * @param attentionPostNorm after attention; null if the architecture lacks it
 * @param feedForwardPostNorm after the feed-forward part; null if the architecture lacks it
 * @param valueNorm per KV head; null if the architecture lacks it
 * @param sinks a score per head that takes part in attention's softmax and has no value; null if the architecture lacks
 *     them
 * @param ropeFactors of the rotation's frequencies; null where this layer needs no factors
 * @param input how the layer's own input is added; null if layers have no inputs of their own
 * @param outputScale a factor of the layer's result, {@code [1]}; null if the layer has no factor
 */
record LayerWeights(
        Map<Target, Projection> projections,
        @Nullable Mixture mixture,
        @Nullable NextToDense nextToDense,
        RmsNorm attentionNorm,
        RmsNorm feedForwardNorm,
        @Nullable RmsNorm queryNorm,
        @Nullable RmsNorm keyNorm,
        @Nullable RmsNorm attentionPostNorm,
        @Nullable RmsNorm feedForwardPostNorm,
        @Nullable RmsNorm valueNorm,
        @Nullable WeightVector sinks,
        @Nullable Tensor ropeFactors,
        @Nullable LayerInput input,
        @Nullable WeightVector outputScale) {

    static final String ROPE_FACTORS = "rope_freqs.weight";
    static final String SINKS = "attn_sinks.weight";
    static final String LAYER_EMBEDDING = "per_layer_token_embd.weight";
    static final String LAYER_PROJECTION = "per_layer_model_proj.weight";
    static final String LAYER_PROJECTION_NORM = "per_layer_proj_norm.weight";

    private static final Pattern LAYER = Pattern.compile("blk\\.\\d+\\.(.+)");
    private static final Pattern PROJECTION = Pattern.compile("(attn_q|attn_k|attn_v|attn_output)\\.(weight|bias)");
    private static final Pattern FEED_FORWARD = Pattern.compile("(ffn_gate|ffn_up|ffn_down)\\.(weight|bias)");
    private static final Pattern EXPERTS =
            Pattern.compile("(ffn_gate_inp|ffn_gate_exps|ffn_up_exps|ffn_down_exps)\\.(weight|bias)");
    private static final Pattern WITH_DENSE = Pattern.compile(
            "(ffn_gate_inp|ffn_gate_up_exps|ffn_down_exps|post_ffw_norm_1|pre_ffw_norm_2|post_ffw_norm_2)\\.weight"
                    + "|(ffn_gate_inp|ffn_down_exps)\\.scale");
    private static final Pattern OF_GPT_OSS = Pattern.compile("(attn_sinks|post_attention_norm)\\.weight");
    private static final Pattern NORM = Pattern.compile("(attn_norm|ffn_norm)\\.weight");
    private static final Pattern HEAD_NORM = Pattern.compile("(attn_q_norm|attn_k_norm)\\.weight");
    private static final Pattern VARIED = Pattern.compile("(inp_gate|proj|post_norm|layer_output_scale)\\.weight");
    private static final Pattern POST_NORM = Pattern.compile("(post_attention_norm|post_ffw_norm)\\.weight");

    LayerWeights {
        projections = Map.copyOf(projections);
    }

    Projection projection(Target target) {
        return Objects.requireNonNull(projections.get(target));
    }

    /** True if the graph of this architecture uses a tensor of this name. */
    static boolean isKnown(String name, Architecture row, boolean experts) {
        Matcher layer = LAYER.matcher(name);
        if (!layer.matches()) {
            return switch (name) {
                case "token_embd.weight", "output_norm.weight", "output.weight" -> true;
                case ROPE_FACTORS -> row.rotation().factors();
                case LAYER_EMBEDDING, LAYER_PROJECTION, LAYER_PROJECTION_NORM ->
                    row.block().varied();
                default -> false;
            };
        }
        String part = layer.group(1);
        return PROJECTION.matcher(part).matches()
                || isFeedForward(part, row.experts() == Architecture.Experts.WITH_DENSE, experts)
                || (row.hasSinks() && OF_GPT_OSS.matcher(part).matches())
                || NORM.matcher(part).matches()
                || (row.block().queryKeyNorm() && HEAD_NORM.matcher(part).matches())
                || (row.block().postNorms() && POST_NORM.matcher(part).matches())
                || (row.block().varied() && VARIED.matcher(part).matches());
    }

    private static boolean isFeedForward(String part, boolean withDense, boolean experts) {
        if (!experts) {
            return FEED_FORWARD.matcher(part).matches();
        }
        return withDense
                ? FEED_FORWARD.matcher(part).matches()
                        || WITH_DENSE.matcher(part).matches()
                : EXPERTS.matcher(part).matches();
    }
}
