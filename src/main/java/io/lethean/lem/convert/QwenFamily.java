package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;
import java.util.Optional;

/** Qwen 2, 2.5 and 3 without experts. */
final class QwenFamily implements Family {

    private final FamilyFacts facts;

    private QwenFamily(FamilyFacts facts) {
        this.facts = facts;
    }

    static QwenFamily qwen2() {
        return of("qwen2", List.of("Qwen2ForCausalLM", "Qwen2Model"), DecoderModules.dense());
    }

    static QwenFamily qwen3() {
        return of(
                "qwen3",
                List.of("Qwen3ForCausalLM", "Qwen3Model"),
                DecoderModules.withHeadNorms(DecoderModules.dense()));
    }

    private static QwenFamily of(String id, List<String> classes, ModuleTable modules) {
        return new QwenFamily(new FamilyFacts(id, classes, TokenizerFamily.QWEN, modules));
    }

    @Override
    public FamilyFacts facts() {
        return facts;
    }

    @Override
    public Optional<CheckpointForm> checkpointForm() {
        return Optional.of(
                id().equals("qwen2")
                        ? new CheckpointForm("Qwen2ForCausalLM", "qwen2", CheckpointForm.Biases.QUERY_KEY_VALUE)
                        : new CheckpointForm("Qwen3ForCausalLM", "qwen3", CheckpointForm.Biases.ATTENTION));
    }

    @Override
    public void hyperparameters(Hyperparameters out, ModelFolder folder) {
        if (String.valueOf(folder.path().getFileName())
                .toLowerCase(java.util.Locale.ROOT)
                .contains("qwen3-reranker")) {
            throw new InvalidModelException(
                    "convert-architecture",
                    "The model in " + folder.path()
                            + " is a reranker by its name, which answers with a score and not with"
                            + " text; it cannot be converted. If it is a chat model, rename the folder.");
        }
        DecoderValues.write(out, folder.config());
        Pooling.write(out, folder);
    }
}
