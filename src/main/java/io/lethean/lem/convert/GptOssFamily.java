package io.lethean.lem.convert;

import static io.lethean.lem.convert.Dim.EXPERTS;
import static io.lethean.lem.convert.Dim.EXPERT_WIDTH;
import static io.lethean.lem.convert.Dim.HEADS;
import static io.lethean.lem.convert.Dim.HIDDEN;

import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;
import java.util.Optional;

/** GPT-OSS: experts in MXFP4 that stay so, or in 16 bits, with gate and up interleaved; attention with sinks. */
final class GptOssFamily implements Family {

    private static final ModuleTable MODULES = DecoderModules.withExperts(
            DecoderModules.base()
                    .layer("self_attn.sinks", "attn_sinks", HEADS)
                    .layer("post_attention_layernorm", "post_attention_norm", HIDDEN)
                    .layer("mlp.router", "ffn_gate_inp", EXPERTS, HIDDEN),
            "mlp.experts");

    private static final FamilyFacts FACTS =
            new FamilyFacts("gpt-oss", List.of("GptOssForCausalLM"), TokenizerFamily.BYTE_PAIR, MODULES);

    @Override
    public FamilyFacts facts() {
        return FACTS;
    }

    @Override
    public Dimensions dimensions(ModelConfig config) {
        return Dimensions.of(config)
                .set(EXPERTS, config.required("num_local_experts", "num_experts"))
                .set(EXPERT_WIDTH, config.required("intermediate_size"));
    }

    @Override
    public Optional<SourceTensor> select(SourceTensor tensor) {
        boolean sinks = tensor.name().endsWith(".sinks");
        return TextTensors.select(sinks ? tensor.renamed(tensor.name() + ".weight") : tensor);
    }

    @Override
    public void hyperparameters(Hyperparameters out, ModelFolder folder) {
        DecoderValues.write(out, folder.config());
        out.count("attention.sliding_window", folder.config().required("sliding_window"));
        out.count("expert_feed_forward_length", folder.config().required("intermediate_size"));
    }

    @Override
    public void addOwn(Conversion conversion, List<SourceTensor> tensors) {
        new GptOssBlocks(conversion).add(tensors);
    }

    @Override
    public void convert(SourceTensor tensor, Conversion conversion) {
        if (!new GptOssExperts(conversion).add(tensor)) {
            conversion.add(tensor);
        }
    }
}
