package io.lethean.lem.convert;

import static io.lethean.lem.convert.Dim.FEED_FORWARD;
import static io.lethean.lem.convert.Dim.HEAD;
import static io.lethean.lem.convert.Dim.HIDDEN;

import io.lethean.lem.convert.ModuleTable.Place;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.PickedRows;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.checkpoint.ShiftedRows;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.checkpoint.UnshiftedRows;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/** Gemma 3, and the text part of the multimodal sizes. Its norms are kept minus 1. */
final class Gemma3Family implements Family {

    private static final ModuleTable MODULES = DecoderModules.base()
            .layer("self_attn.q_norm", "attn_q_norm", HEAD)
            .layer("self_attn.k_norm", "attn_k_norm", HEAD)
            .layer("post_attention_layernorm", "post_attention_norm", HIDDEN)
            .layer("pre_feedforward_layernorm", "ffn_norm", HIDDEN)
            .layer("post_feedforward_layernorm", "post_ffw_norm", HIDDEN)
            .layer("mlp.gate_proj", "ffn_gate", FEED_FORWARD, HIDDEN)
            .layer("mlp.up_proj", "ffn_up", FEED_FORWARD, HIDDEN)
            .layer("mlp.down_proj", "ffn_down", HIDDEN, FEED_FORWARD);

    @Override
    public List<String> classes() {
        return List.of("Gemma3ForCausalLM", "Gemma3ForConditionalGeneration");
    }

    @Override
    public String id() {
        return "gemma3";
    }

    @Override
    public TokenizerFamily tokenizer() {
        return TokenizerFamily.GEMMA3;
    }

    @Override
    public ModuleTable modules() {
        return MODULES;
    }

    @Override
    public void hyperparameters(Hyperparameters out, ModelFolder folder) {
        ModelConfig config = folder.config();
        DecoderValues.write(out, config);
        double cap = config.real("final_logit_softcapping").orElse(0);
        if (cap != 0) {
            out.real("final_logit_softcapping", cap);
        }
        if (config.count("sliding_window_pattern").orElse(0) != 1) {
            out.count("attention.sliding_window", config.required("sliding_window"));
        }
    }

    @Override
    public Optional<CheckpointForm> checkpointForm() {
        return Optional.of(new CheckpointForm("Gemma3ForCausalLM", "gemma3_text", CheckpointForm.Biases.ATTENTION));
    }

    @Override
    public Rows restore(Place place, Rows rows, Dimensions dimensions) {
        return computes(place) ? new UnshiftedRows(rows) : rows;
    }

    @Override
    public boolean computes(Place place) {
        return place.module().source().endsWith("norm") && place.suffix().equals("weight");
    }

    @Override
    public void convert(SourceTensor tensor, Conversion conversion) {
        Place place = conversion.place(tensor);
        SourceTensor placed = tensor;
        if (tensor.name().endsWith("norm.weight")) {
            placed = tensor.with(tensor.shape(), tensor.element(), new ShiftedRows(tensor.rows()));
        } else if (place.module().target().equals("token_embd")) {
            placed = cut(tensor, conversion.embeddingRows());
        }
        conversion.plan().add(place.target(), placed);
    }

    /** The embedding without the rows after the vocabulary. */
    static SourceTensor cut(SourceTensor tensor, long rows) {
        if (rows >= tensor.rows().count()) {
            return tensor;
        }
        return tensor.with(
                List.of(rows, tensor.shape().getLast()),
                tensor.element(),
                new PickedRows(tensor.rows(), rows, LongUnaryOperator.identity()));
    }
}
