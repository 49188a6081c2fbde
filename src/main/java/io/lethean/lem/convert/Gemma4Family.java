package io.lethean.lem.convert;

import static io.lethean.lem.convert.Dim.ANY;
import static io.lethean.lem.convert.Dim.EXPERTS;
import static io.lethean.lem.convert.Dim.EXPERT_WIDTH;
import static io.lethean.lem.convert.Dim.HIDDEN;
import static io.lethean.lem.convert.Dim.VOCABULARY;

import io.lethean.lem.convert.ModuleTable.Place;
import io.lethean.lem.internal.checkpoint.MemoryRows;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gemma 4, and the text part of its multimodal sizes: layers with and without a window differ in their heads, later layers
 * may use the keys and values of earlier ones, and each layer may have an embedding or experts of its own.
 */
final class Gemma4Family implements Family {

    /** Makes a frequency so small that its dimensions are not rotated. */
    private static final float NOT_ROTATED = 1e30f;

    private static final Pattern SCALE = Pattern.compile("model\\.layers\\.(\\d{1,4})\\.router\\.(\\w*scale)");

    private static final ModuleTable MODULES = withExperts(withLayerInputs(new ModuleTable("model.layers.")
            .top("model.embed_tokens", "token_embd", VOCABULARY, HIDDEN)
            .topOption("lm_head", "output", VOCABULARY, HIDDEN)
            .top("model.norm", "output_norm", HIDDEN)
            .layer("input_layernorm", "attn_norm", HIDDEN)
            .layer("self_attn.q_proj", "attn_q", ANY, HIDDEN)
            .layerOption("self_attn.k_proj", "attn_k", ANY, HIDDEN)
            .layerOption("self_attn.v_proj", "attn_v", ANY, HIDDEN)
            .layer("self_attn.o_proj", "attn_output", HIDDEN, ANY)
            .layer("self_attn.q_norm", "attn_q_norm", ANY)
            .layerOption("self_attn.k_norm", "attn_k_norm", ANY)
            .layer("post_attention_layernorm", "post_attention_norm", HIDDEN)
            .layer("pre_feedforward_layernorm", "ffn_norm", HIDDEN)
            .layer("post_feedforward_layernorm", "post_ffw_norm", HIDDEN)
            .layer("mlp.gate_proj", "ffn_gate", ANY, HIDDEN)
            .layer("mlp.up_proj", "ffn_up", ANY, HIDDEN)
            .layer("mlp.down_proj", "ffn_down", HIDDEN, ANY)));

    private static ModuleTable withLayerInputs(ModuleTable table) {
        return table.topOption("model.embed_tokens_per_layer", "per_layer_token_embd", ANY, ANY)
                .topOption("model.per_layer_model_projection", "per_layer_model_proj", ANY, HIDDEN)
                .topOption("model.per_layer_projection_norm", "per_layer_proj_norm", ANY)
                .layerOption("layer_scalar", "layer_output_scale", ANY)
                .layerOption("per_layer_input_gate", "inp_gate", ANY, HIDDEN)
                .layerOption("per_layer_projection", "proj", HIDDEN, ANY)
                .layerOption("post_per_layer_input_norm", "post_norm", HIDDEN);
    }

    private static ModuleTable withExperts(ModuleTable table) {
        return table.layerOption("pre_feedforward_layernorm_2", "pre_ffw_norm_2", HIDDEN)
                .layerOption("post_feedforward_layernorm_1", "post_ffw_norm_1", HIDDEN)
                .layerOption("post_feedforward_layernorm_2", "post_ffw_norm_2", HIDDEN)
                .layerOption("router.proj", "ffn_gate_inp", EXPERTS, HIDDEN)
                .layerOption("experts.gate_up_proj", "ffn_gate_up_exps", EXPERTS, ANY, HIDDEN)
                .layerOption("experts.down_proj", "ffn_down_exps", EXPERTS, HIDDEN, EXPERT_WIDTH);
    }

    private static final FamilyFacts FACTS = new FamilyFacts(
            "gemma4", List.of("Gemma4ForCausalLM", "Gemma4ForConditionalGeneration"), TokenizerFamily.GEMMA4, MODULES);

    @Override
    public FamilyFacts facts() {
        return FACTS;
    }

    @Override
    public Dimensions dimensions(ModelConfig config) {
        Dimensions sizes = Dimensions.of(config);
        config.count("num_experts").ifPresent(count -> sizes.set(EXPERTS, count));
        config.count("moe_intermediate_size").ifPresent(width -> sizes.set(EXPERT_WIDTH, width));
        return sizes;
    }

    @Override
    public Optional<SourceTensor> select(SourceTensor tensor) {
        String name = tensor.name();
        boolean bare = name.endsWith("layer_scalar") || name.contains(".experts.") && !name.endsWith(".weight");
        return TextTensors.select(bare ? tensor.renamed(name + ".weight") : tensor);
    }

    @Override
    public void hyperparameters(Hyperparameters out, ModelFolder folder) {
        Gemma4Values.write(out, folder.config());
    }

    @Override
    public void addOwn(Conversion conversion, List<SourceTensor> tensors) {
        Gemma4Layers layers = Gemma4Layers.of(conversion.config());
        layers.requireKeys(conversion.folder(), tensors);
        double rotated = conversion
                .config()
                .child("rope_parameters")
                .flatMap(rope -> rope.child("full_attention"))
                .map(full -> full.real("partial_rotary_factor").orElse(1))
                .orElse(1.0);
        long head = layers.globalHead();
        float[] factors = new float[Math.toIntExact(head / 2)];
        Arrays.fill(factors, NOT_ROTATED);
        Arrays.fill(factors, 0, Math.clamp((long) (head * rotated / 2), 0, factors.length), 1);
        conversion.plan().add(RopeFactors.TENSOR, List.of((long) factors.length), MemoryRows.of(factors));
    }

    @Override
    public void convert(SourceTensor tensor, Conversion conversion) {
        Matcher scale = SCALE.matcher(tensor.name());
        if (scale.matches()) {
            boolean router = scale.group(2).equals("scale");
            conversion.check(tensor.requireReal(), List.of(router ? HIDDEN : EXPERTS));
            String module = router ? "ffn_gate_inp" : "ffn_down_exps";
            conversion.plan().add("blk." + Integer.parseInt(scale.group(1)) + "." + module + ".scale", tensor);
            return;
        }
        Place place = conversion.place(tensor);
        Gemma4Layers.of(conversion.config()).check(tensor, place);
        boolean embedding = place.module().target().equals("token_embd");
        conversion
                .plan()
                .add(place.target(), embedding ? Gemma3Family.cut(tensor, conversion.embeddingRows()) : tensor);
    }
}
