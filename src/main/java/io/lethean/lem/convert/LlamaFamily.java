package io.lethean.lem.convert;

import static io.lethean.lem.convert.Dim.KEYS;

import io.lethean.lem.convert.ModuleTable.Place;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.PickedRows;
import io.lethean.lem.internal.checkpoint.ReshapedRows;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.gguf.HeadRows;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;
import java.util.Optional;

/** Llama 1 to 3, SmolLM 1 and 2, Mistral in Hugging Face's form. */
final class LlamaFamily implements Family {

    private static final ModuleTable MODULES = DecoderModules.dense();

    private static final FamilyFacts FACTS = new FamilyFacts(
            "llama",
            List.of("LlamaForCausalLM", "LLaMAForCausalLM", "MistralForCausalLM", "LlamaModel"),
            TokenizerFamily.LLAMA,
            MODULES);

    @Override
    public FamilyFacts facts() {
        return FACTS;
    }

    @Override
    public void hyperparameters(Hyperparameters out, ModelFolder folder) {
        ModelConfig config = folder.config();
        DecoderValues.write(out, config);
        out.count("vocab_size", config.required("vocab_size"));
        out.count("rope.dimension_count", DecoderValues.headSize(config));
    }

    @Override
    public void addOwn(Conversion conversion, List<SourceTensor> tensors) {
        RopeSettings rope = RopeSettings.of(conversion.config());
        if (rope.type().orElse("").equals("llama3")) {
            rope.main()
                    .ifPresent(parameters -> new RopeFactors(
                                    parameters,
                                    rope.theta(conversion.config()).orElse(10_000),
                                    DecoderValues.headSize(conversion.config()))
                            .add(conversion.plan()));
        }
    }

    @Override
    public void convert(SourceTensor tensor, Conversion conversion) {
        Place place = conversion.place(tensor);
        SourceTensor placed = switch (place.module().target()) {
            case "attn_q" -> paired(tensor, conversion.dimensions().size(Dim.HEADS));
            case "attn_k" -> paired(tensor, keyHeads(conversion));
            default -> tensor;
        };
        conversion.plan().add(place.target(), placed);
    }

    @Override
    public Optional<CheckpointForm> checkpointForm() {
        return Optional.of(new CheckpointForm(
                "LlamaForCausalLM", "llama", CheckpointForm.Biases.ATTENTION, CheckpointForm.Biases.FEED_FORWARD));
    }

    @Override
    public Rows restore(Place place, Rows rows, Dimensions dimensions) {
        String target = place.module().target();
        if (!target.equals("attn_q") && !target.equals("attn_k")) {
            return rows;
        }
        long head = dimensions.size(Dim.HEAD);
        Rows values = place.suffix().equals("bias") ? new ReshapedRows(rows, 1) : rows;
        return new PickedRows(values, values.count(), row -> HeadRows.toPaired(row, head));
    }

    private static long keyHeads(Conversion conversion) {
        return conversion.dimensions().size(KEYS) / conversion.dimensions().size(Dim.HEAD);
    }

    /** Query and key rows, and the values of their biases, in GGUF's order. */
    private static SourceTensor paired(SourceTensor tensor, long heads) {
        long headRows = tensor.shape().getFirst() / heads;
        Rows rows = tensor.shape().size() == 1 ? new ReshapedRows(tensor.rows(), 1) : tensor.rows();
        return tensor.with(
                tensor.shape(),
                tensor.element(),
                new PickedRows(rows, rows.count(), row -> HeadRows.toSplit(row, headRows)));
    }
}
