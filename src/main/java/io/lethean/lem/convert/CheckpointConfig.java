package io.lethean.lem.convert;

import io.lethean.lem.convert.CheckpointForm.Biases;
import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The values of config.json for a GGUF model, and the sizes of its tensors. */
final class CheckpointConfig {

    /** Keys that change nothing. */
    private static final List<String> IGNORED = List.of("tensor_data_layout", "rope.scaling.finetuned");

    private final GgufFile file;
    private final Family family;
    private final CheckpointForm form;
    private final Architecture facts;
    private final ArchitectureKeys keys;
    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();
    private final Dimensions dimensions = new Dimensions();
    private long layers;
    private long head;

    /** @param facts what a file of this architecture does not say */
    CheckpointConfig(GgufFile file, Family family, CheckpointForm form, Architecture facts) {
        this.file = file;
        this.family = family;
        this.form = form;
        this.facts = facts;
        this.keys = new ArchitectureKeys(file);
    }

    /**
     * Reads the metadata.
     *
     * @param biased the modules that have a bias
     * @throws io.lethean.lem.InvalidModelException naming a value that is missing or cannot be expressed
     */
    void read(Set<String> biased) throws IOException {
        values.put("architectures", List.of(form.className()));
        values.put("model_type", form.modelType());
        readSizes();
        readBiases(biased);
        boolean gelu = facts.block().activation() == Architecture.Activation.GELU;
        values.put(
                facts.vocabulary().scaledEmbeddings() ? "hidden_activation" : "hidden_act",
                gelu ? "gelu_pytorch_tanh" : "silu");
        values.put("rms_norm_eps", keys.real("attention.layer_norm_rms_epsilon").orElse(1e-6));
        readRope();
        if (facts.vocabulary().scaledEmbeddings()) {
            readGemma();
        } else if (facts.window().period() == 0) {
            readMistral();
        }
        IGNORED.forEach(keys::find);
        values.put("tie_word_embeddings", file.tensor("output.weight").isEmpty());
        values.put("use_cache", true);
        keys.requireAllRead();
    }

    private void readSizes() {
        long hidden = keys.required("embedding_length");
        long heads = keys.required("attention.head_count");
        long keyHeads = keys.count("attention.head_count_kv").orElse(heads);
        long feedForward = keys.required("feed_forward_length");
        layers = keys.required("block_count");
        long vocabulary =
                file.tensor("token_embd.weight").map(tensor -> tensor.dim(1)).orElse(0L);
        keys.expect("vocab_size", vocabulary);
        keys.expect("expert_count", 0);
        keys.expect("expert_used_count", 0);
        if (heads == 0) {
            throw keys.refuse("has no attention heads");
        }
        OptionalLong length = keys.count("attention.key_length");
        head = length.orElse(hidden / heads);
        keys.expect("attention.value_length", head);
        keys.expect("rope.dimension_count", head);
        values.put("vocab_size", vocabulary);
        values.put("hidden_size", hidden);
        values.put("intermediate_size", feedForward);
        values.put("num_hidden_layers", layers);
        values.put("num_attention_heads", heads);
        values.put("num_key_value_heads", keyHeads);
        length.ifPresent(size -> values.put("head_dim", size));
        values.put("max_position_embeddings", keys.required("context_length"));
        dimensions
                .set(Dim.HIDDEN, hidden)
                .set(Dim.HEADS, heads)
                .set(Dim.HEAD, head)
                .set(Dim.QUERIES, heads * head)
                .set(Dim.KEYS, keyHeads * head)
                .set(Dim.FEED_FORWARD, feedForward)
                .set(Dim.VOCABULARY, vocabulary);
    }

    private void readBiases(Set<String> biased) {
        Set<String> left = form.unexplained(biased);
        if (!left.isEmpty()) {
            throw keys.refuse("has biases on some modules and not on others (" + String.join(", ", left) + "), and "
                    + form.className() + " cannot have them so");
        }
        for (Biases group : form.biases()) {
            if (!group.key().isEmpty()) {
                values.put(group.key(), form.present(biased).contains(group));
            }
        }
    }

    private void readRope() throws IOException {
        double theta = keys.real("rope.freq_base").orElse(10_000);
        values.put("rope_theta", theta);
        RopeForm rope = new RopeForm(keys);
        Optional<Map<String, @Nullable Object>> scaling = rope.scaling();
        Optional<Map<String, @Nullable Object>> factors = rope.ofFactors(
                file, theta, head, (long) java.util.Objects.requireNonNull(values.get("max_position_embeddings")));
        if (scaling.isPresent() && factors.isPresent()) {
            throw keys.refuse("scales its rotary embedding twice, by metadata and by a tensor");
        }
        if (factors.isPresent() && !facts.rotation().factors()) {
            throw keys.refuse(
                    "has the tensor " + RopeFactors.TENSOR + ", which " + form.className() + " has no place for");
        }
        scaling.or(() -> factors).ifPresent(map -> values.put("rope_scaling", map));
    }

    /** A window on every layer makes a Llama a Mistral. */
    private void readMistral() {
        long window = keys.count("attention.sliding_window").orElse(0);
        if (window > 0) {
            values.put("architectures", List.of("MistralForCausalLM"));
            values.put("model_type", "mistral");
            values.put("sliding_window", window);
        }
    }

    /** What Gemma 2 and 3 have in addition. */
    private void readGemma() {
        if (file.tensor("output.weight").isPresent()) {
            throw keys.refuse("has a head of its own (output.weight), and " + form.className()
                    + " uses the embedding as its head");
        }
        values.put(
                "attn_logit_softcapping",
                cap("attn_logit_softcapping", facts.attention().cap()));
        values.put(
                "final_logit_softcapping",
                cap("final_logit_softcapping", facts.vocabulary().logitCap()));
        long hidden = dimensions.size(Dim.HIDDEN);
        boolean wide = layers == facts.attention().wideScaleLayers();
        values.put("query_pre_attn_scalar", wide ? hidden / dimensions.size(Dim.HEADS) : head);
        OptionalLong window = keys.count("attention.sliding_window");
        long size = window.orElse(facts.window().tokens());
        long period = size == 0 ? 1 : period();
        if (size > 0) {
            values.put("sliding_window", size);
        }
        List<String> types = new ArrayList<>();
        for (long layer = 0; layer < layers; layer++) {
            types.add((layer + 1) % period == 0 ? "full_attention" : "sliding_attention");
        }
        values.put("layer_types", types);
        if (family.id().equals("gemma3")) {
            values.put("sliding_window_pattern", period);
            values.put("rope_local_base_freq", keys.real("rope.freq_base_swa").orElse(10_000));
        }
    }

    private @Nullable Double cap(String key, float usual) {
        double cap = keys.real(key).orElse(usual);
        return cap == 0 ? null : (Double) cap;
    }

    /** After how many layers one without a window comes. */
    private long period() {
        String key = "attention.sliding_window_pattern";
        Optional<GgufValue> value = keys.find(key);
        long usual = facts.window().period();
        if (!(value.orElse(null) instanceof GgufArray array)) {
            return keys.count(key).orElse(usual);
        }
        for (long period = 1; period <= layers + 1; period++) {
            if (array.size() == layers && fits(array, period)) {
                return period;
            }
        }
        throw keys.refuse("gives windows to its layers without a period");
    }

    private static boolean fits(GgufArray windows, long period) {
        for (int layer = 0; layer < windows.size(); layer++) {
            if (windows.longAt(layer) != 0 == ((layer + 1) % period == 0)) {
                return false;
            }
        }
        return true;
    }

    /** The values so far, in order; the caller adds those of the tokenizer. */
    Map<String, @Nullable Object> values() {
        return values;
    }

    Dimensions dimensions() {
        return dimensions;
    }

    long layers() {
        return layers;
    }
}
