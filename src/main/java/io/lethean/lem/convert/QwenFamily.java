package io.lethean.lem.convert;

import static io.lethean.lem.convert.Dim.FEED_FORWARD;
import static io.lethean.lem.convert.Dim.HEAD;
import static io.lethean.lem.convert.Dim.HIDDEN;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;
import java.util.Optional;

/** Qwen 2, 2.5 and 3 without experts. */
final class QwenFamily implements Family {

    private final String id;
    private final List<String> classes;
    private final ModuleTable modules;

    private QwenFamily(String id, List<String> classes, ModuleTable modules) {
        this.id = id;
        this.classes = List.copyOf(classes);
        this.modules = modules;
    }

    static QwenFamily qwen2() {
        return new QwenFamily("qwen2", List.of("Qwen2ForCausalLM", "Qwen2Model"), dense());
    }

    static QwenFamily qwen3() {
        ModuleTable modules =
                dense().layer("self_attn.q_norm", "attn_q_norm", HEAD).layer("self_attn.k_norm", "attn_k_norm", HEAD);
        return new QwenFamily("qwen3", List.of("Qwen3ForCausalLM", "Qwen3Model"), modules);
    }

    private static ModuleTable dense() {
        return DecoderModules.base()
                .layer("post_attention_layernorm", "ffn_norm", HIDDEN)
                .layer("mlp.gate_proj", "ffn_gate", FEED_FORWARD, HIDDEN)
                .layer("mlp.up_proj", "ffn_up", FEED_FORWARD, HIDDEN)
                .layer("mlp.down_proj", "ffn_down", HIDDEN, FEED_FORWARD);
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public TokenizerFamily tokenizer() {
        return TokenizerFamily.QWEN;
    }

    @Override
    public ModuleTable modules() {
        return modules;
    }

    @Override
    public Optional<CheckpointForm> checkpointForm() {
        return Optional.of(
                id.equals("qwen2")
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
