package io.lethean.lem.convert;

import io.lethean.lem.convert.ModuleTable.Place;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.PickedRows;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/** Gemma 3, and the text part of the multimodal sizes. Its norms are kept minus 1. */
final class Gemma3Family implements Family {

    private static final ModuleTable MODULES = GemmaNorms.modules(DecoderModules.withHeadNorms(DecoderModules.base()));

    private static final FamilyFacts FACTS = new FamilyFacts(
            "gemma3", List.of("Gemma3ForCausalLM", "Gemma3ForConditionalGeneration"), TokenizerFamily.GEMMA3, MODULES);

    @Override
    public FamilyFacts facts() {
        return FACTS;
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
        return GemmaNorms.restored(place, rows);
    }

    @Override
    public boolean computes(Place place) {
        return GemmaNorms.isNorm(place);
    }

    @Override
    public void convert(SourceTensor tensor, Conversion conversion) {
        Place place = conversion.place(tensor);
        boolean embedding = place.module().target().equals("token_embd");
        conversion
                .plan()
                .add(
                        place.target(),
                        embedding ? cut(tensor, conversion.embeddingRows()) : GemmaNorms.converted(tensor));
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
