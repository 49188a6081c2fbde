package io.lethean.lem.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.safetensors.SafetensorsBytes;
import io.lethean.lem.internal.safetensors.SafetensorsEntry;
import io.lethean.lem.internal.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PeftAdapterTest {

    private static final int IN = AdapterExamples.INPUTS;
    private static final String LAYER = "base_model.model.model.layers.1.";

    @TempDir
    Path folder;

    private final SplittableRandom random = new SplittableRandom(11);
    private float[] a;
    private float[] b;

    @BeforeEach
    void values() {
        a = AdapterExamples.values(2 * IN, random);
        b = AdapterExamples.values(12 * 2, random);
    }

    private void config(String extra) throws IOException {
        Files.writeString(
                folder.resolve("adapter_config.json"),
                "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":6,\"bias\":\"none\"" + extra + "}");
    }

    private void weights(SafetensorsBytes tensors) throws IOException {
        tensors.write(folder.resolve("adapter_model.safetensors"));
    }

    private SafetensorsBytes values(String module, String adapterName) {
        return new SafetensorsBytes()
                .f32(module + ".lora_A" + adapterName + ".weight", 2, IN, a)
                .f32(module + ".lora_B" + adapterName + ".weight", 12, 2, b);
    }

    /** Row {@code row} of scale * B * A in Hugging Face order, from the definition. */
    private double[] row(double scale, int row) {
        double[] values = new double[IN];
        for (int column = 0; column < IN; column++) {
            values[column] = scale * ((double) b[row * 2] * a[column] + (double) b[row * 2 + 1] * a[IN + column]);
        }
        return values;
    }

    private void assertValueUpdate(String architecture, double scale) throws IOException {
        Adapter adapter = AdapterFiles.read(folder, AdapterExamples.model(architecture));
        double[][] update = AdapterExamples.update(adapter, "blk.1.attn_v.weight");
        for (int row = 0; row < 12; row++) {
            assertThat(update[row]).containsExactly(row(scale, row), Offset.offset(1e-6));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".default", ".ethics-2"})
    void updateIsAlphaOverRankTimesTheProductWhateverTheAdapterIsCalled(String adapterName) throws IOException {
        config("");
        weights(values(LAYER + "self_attn.v_proj", adapterName));
        assertValueUpdate("llama", 3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base_model.model.model.language_model.layers.1.",
                "base_model.model.language_model.model.layers.1.",
                "model.layers.1."
            })
    void modulesOfTheTextModelAreFoundBelowEveryPrefix(String prefix) throws IOException {
        config("");
        weights(values(prefix + "self_attn.v_proj", ""));
        assertValueUpdate("gemma3", 3);
    }

    @Test
    void layerOfAVisionTowerIsNotMistakenForOneOfTheTextModel() throws IOException {
        config("");
        weights(values("base_model.model.vision_tower.vision_model.encoder.layers.1.self_attn.v_proj", ""));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("gemma3")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("vision_tower");
    }

    @Test
    void rsLoraIsRewrittenToTheAlphaThatGivesTheSameScale() throws IOException {
        config(",\"use_rslora\":true");
        weights(values(LAYER + "self_attn.v_proj", ""));
        assertValueUpdate("qwen2", 6 / Math.sqrt(2));
        assertThat(AdapterFiles.read(folder, AdapterExamples.model("qwen2")).alpha())
                .isEqualTo((float) (6 * Math.sqrt(2)));
    }

    @ParameterizedTest
    @CsvSource({
        "v_proj, 5",
        ".*[qv]_proj, 5",
        "(?:q|v)_proj, 5",
        ".*[.]layers[.][0-9]{1}[.]self_attn[.][a-z]+_proj, 5",
        "layers.(0|1).self_attn.(q|v)_proj, 5",
        "layers.(0|2).*.v_proj, 3",
        "self_attn.v_proj, 5",
        "layers.1.self_attn.v_proj, 5",
        "layers.2.self_attn.v_proj, 3",
        "^model.layers.1.self_attn.v_proj, 5",
        "^layers.1.self_attn.v_proj, 3",
        "oj, 3"
    })
    void alphaPatternAppliesToModulesThatEndInItsKey(String key, double scale) throws IOException {
        config(",\"alpha_pattern\":{\"" + key + "\":10}");
        weights(values(LAYER + "self_attn.v_proj", ""));
        assertValueUpdate("llama", scale);
    }

    @Test
    void scalesThatDifferBetweenTensorsAreKeptByChangingB() throws IOException {
        config(",\"alpha_pattern\":{\"q_proj\":12}");
        float[] q = AdapterExamples.values(24 * 2, random);
        weights(values(LAYER + "self_attn.v_proj", "")
                .f32(LAYER + "self_attn.k_proj.lora_A.weight", 2, IN, a)
                .f32(LAYER + "self_attn.k_proj.lora_B.weight", 12, 2, b)
                .f32(LAYER + "self_attn.q_proj.lora_A.weight", 2, IN, a)
                .f32(LAYER + "self_attn.q_proj.lora_B.weight", 24, 2, q));
        Adapter adapter = AdapterFiles.read(folder, AdapterExamples.model("qwen2"));
        assertThat(adapter.alpha()).isEqualTo(6f);
        assertValueUpdate("qwen2", 3);
        double first = AdapterExamples.update(adapter, "blk.1.attn_q.weight")[0][0];
        assertThat(first).isCloseTo(6 * ((double) q[0] * a[0] + (double) q[1] * a[IN]), Offset.offset(1e-5));
    }

    @Test
    void embeddingIsReadAndWrittenTransposed() throws IOException {
        config("");
        float[] tokens = AdapterExamples.values(2 * AdapterExamples.TOKENS, random);
        float[] dimensions = AdapterExamples.values(IN * 2, random);
        weights(new SafetensorsBytes()
                .f32("base_model.model.model.embed_tokens.lora_embedding_A", 2, AdapterExamples.TOKENS, tokens)
                .f32("base_model.model.model.embed_tokens.lora_embedding_B", IN, 2, dimensions));
        ModelOutline model = AdapterExamples.model("llama");
        Adapter adapter = AdapterFiles.read(folder, model);
        double[][] update = AdapterExamples.update(adapter, "token_embd.weight");
        int token = 4;
        int dimension = 9;
        double expected = 3
                * ((double) tokens[token] * dimensions[dimension * 2]
                        + (double) tokens[AdapterExamples.TOKENS + token] * dimensions[dimension * 2 + 1]);
        assertThat(update[token][dimension]).isCloseTo(expected, Offset.offset(1e-6));
        AdapterFiles.writeGguf(adapter, folder.resolve("e.gguf"));
        var shapes = io.lethean.lem.internal.gguf.GgufFile.read(folder.resolve("e.gguf"));
        assertThat(shapes.tensor("token_embd.weight.lora_a").orElseThrow().dims())
                .containsExactly(2L, (long) AdapterExamples.TOKENS);
        assertThat(shapes.tensor("token_embd.weight.lora_b").orElseThrow().dims())
                .containsExactly(2L, (long) IN);
        AdapterRoundTripTest.assertUpdates(
                AdapterFiles.readGguf(folder.resolve("e.gguf")), adapter, "token_embd.weight");
    }

    @Test
    void copyOfTheFrozenHeadIsLeftOut_unlessItHasMoreTokens() throws IOException {
        config("");
        String head = "base_model.model.lm_head";
        weights(headWithFrozenCopy(head, AdapterExamples.TOKENS));
        Adapter adapter = AdapterFiles.read(folder, AdapterExamples.model("llama"));
        assertThat(adapter.pairs()).singleElement().extracting(LoraPair::tensor).isEqualTo("output.weight");
        assertThat(adapter.notes()).singleElement().asString().contains("copy of the base model's output.weight");

        weights(headWithFrozenCopy(head, AdapterExamples.TOKENS + 1));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("another vocabulary");
    }

    private SafetensorsBytes headWithFrozenCopy(String head, int copiedTokens) {
        return new SafetensorsBytes()
                .f32(head + ".lora_A.weight", 2, IN, a)
                .f32(head + ".lora_B.weight", AdapterExamples.TOKENS, 2, new float[2 * AdapterExamples.TOKENS])
                .f32(head + ".base_layer.weight", copiedTokens, IN, new float[copiedTokens * IN]);
    }

    @Test
    void embeddingThatIsTheHeadAsWellIsRefused() throws IOException {
        config("");
        weights(new SafetensorsBytes()
                .f32("base_model.model.model.embed_tokens.lora_embedding_A", 2, AdapterExamples.TOKENS, new float[22])
                .f32("base_model.model.model.embed_tokens.lora_embedding_B", IN, 2, new float[32]));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama", true)))
                .isInstanceOfSatisfying(
                        InvalidModelException.class, e -> assertThat(e.rule()).isEqualTo("adapter-tied-embedding"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            no magnitude    | "use_dora":true                              | has no magnitude of blk.1.attn_v.weight
            bias            | "bias":"lora_only"                           | trained biases
            LoRA bias       | "lora_bias":true                             | biases in addition
            whole modules   | "modules_to_save":["lm_head"]                | modules_to_save = ["lm_head"]
            parameters      | "target_parameters":["q_proj.weight"]        | target_parameters = "q_proj.weight"
            one parameter   | "target_parameters":"mlp.gate.weight"        | a list of names
            other PEFT      | "peft_type":"IA3"                            | of type IA3
            more layers     | "layer_replication":[[0,2],[1,3]]            | layer_replication
            no alpha        | "lora_alpha":null                            | no number lora_alpha
            zero alpha      | "lora_alpha":0                               | by 0.0
            other rank      | "r":4                                        | gives r = 4
            wild pattern    | "alpha_pattern":{"(v+)+_proj":1}             | only names of modules
            broken pattern  | "alpha_pattern":{"(v_proj":1}                | is not a regular expression
            BD-LoRA         | "use_bdlora":{"nblocks":2}                   | BD-LoRA
            text as alpha   | "alpha_pattern":{"v_proj":"much"}            | by NaN
            bad invocation  | "alora_invocation_tokens":["x"]              | alora_invocation_tokens
            """)
    void configurationThatGgufCannotExpressIsRefusedByName(String what, String json, String message)
            throws IOException {
        // A key given twice takes its last value here, which replaces the ordinary one above.
        config("," + json);
        weights(values(LAYER + "self_attn.v_proj", ""));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"self_attn.v_proj.bias, a bias", "self_attn.v_proj.weight, modules_to_save"})
    void tensorThatGgufCannotExpressIsRefusedByName(String name, String message) throws IOException {
        config("");
        weights(values(LAYER + "self_attn.v_proj", "").f32(LAYER + name, 1, 12, new float[12]));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".weight", ".default", ".default.weight"})
    void magnitudeOfDoraIsRead_asWrittenByAnyRelease(String suffix) throws IOException {
        config(",\"use_dora\":true");
        float[] magnitude = AdapterExamples.values(12, new SplittableRandom(9));
        String name = LAYER + "self_attn.v_proj.lora_magnitude_vector" + suffix;
        weights(values(LAYER + "self_attn.v_proj", "").vector(name, magnitude));
        LoraPair pair = AdapterFiles.read(folder, AdapterExamples.model("llama"))
                .pairs()
                .getFirst();
        assertThat(pair.magnitude().values()).containsExactly(magnitude);
    }

    @Test
    void magnitudeThatIsNotAnnounced_orHasAnotherForm_isRefused() throws IOException {
        String name = LAYER + "self_attn.v_proj.lora_magnitude_vector";
        config("");
        weights(values(LAYER + "self_attn.v_proj", "").vector(name, new float[12]));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("has a magnitude of blk.1.attn_v.weight, and its configuration does not say");
        config(",\"use_dora\":true");
        weights(values(LAYER + "self_attn.v_proj", "").vector(name, new float[11]));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("a magnitude of 11 values for blk.1.attn_v.weight, and the factor B has 12 rows");
        weights(values(LAYER + "self_attn.v_proj", "").f32(name, 1, 12, new float[12]));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("where one value for each output is needed");
    }

    @Test
    void factorWithoutItsPartnerIsRefused() throws IOException {
        config("");
        weights(new SafetensorsBytes().f32(LAYER + "self_attn.v_proj.lora_A.weight", 2, IN, a));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama")))
                .hasMessageContaining("only the factor A of the update of blk.1.attn_v.weight");
    }

    @Test
    void adapterForAnotherModelIsRefusedByTensorAndByShape() throws IOException {
        config("");
        weights(values("base_model.model.model.layers.7.self_attn.v_proj", ""));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama")))
                .isInstanceOfSatisfying(
                        InvalidModelException.class, e -> assertThat(e.rule()).isEqualTo("adapter-tensor"));
        weights(values(LAYER + "mlp.up_proj", ""));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama")))
                .isInstanceOfSatisfying(
                        InvalidModelException.class, e -> assertThat(e.rule()).isEqualTo("adapter-shape"))
                .hasMessageContaining("16 x 12")
                .hasMessageContaining("16 x 20");
    }

    @Test
    void pickledWeightsAreNeverRead() throws IOException {
        Files.write(folder.resolve("adapter_model.bin"), new byte[] {(byte) 0x80, 2});
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("pickle");
    }

    @Test
    void writtenConfigurationNamesWhatIsAdapted() throws IOException {
        ModelOutline model = AdapterExamples.model("llama");
        List<LoraPair> pairs = List.of(
                AdapterExamples.pair(model, "blk.1.attn_q.weight", 4, random),
                AdapterExamples.pair(model, "blk.2.attn_q.weight", 4, random),
                AdapterExamples.pair(model, "blk.1.ffn_up.weight", 4, random),
                AdapterExamples.pair(model, "blk.2.ffn_up.weight", 4, random));
        AdapterFiles.write(Adapter.of("llama", 80, pairs), model, AdapterFormat.PEFT, folder, "org/base");
        JsonNode config =
                new JsonMapper().readTree(folder.resolve("adapter_config.json").toFile());
        assertThat(config.get("r").asInt()).isEqualTo(4);
        assertThat(config.get("lora_alpha").asDouble()).isEqualTo(80);
        assertThat(config.get("base_model_name_or_path").asString()).isEqualTo("org/base");
        assertThat(config.get("target_modules").toString()).isEqualTo("[\"up_proj\",\"q_proj\"]");
        assertThat(config.get("layers_to_transform").toString()).isEqualTo("[1,2]");
        assertThat(config.get("task_type").asString()).isEqualTo("CAUSAL_LM");
        assertThat(config.get("rank_pattern").isEmpty()).isTrue();
        SafetensorsFile file = SafetensorsFile.open(folder.resolve("adapter_model.safetensors"));
        assertThat(file.entries())
                .extracting(SafetensorsEntry::name)
                .contains("base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight")
                .noneMatch(name -> name.contains("default"));
    }

    @Test
    void unevenTargetsAreNamedInFullWithTheirRank() throws IOException {
        ModelOutline model = AdapterExamples.model("llama");
        List<LoraPair> pairs = List.of(
                AdapterExamples.pair(model, "blk.0.attn_q.weight", 4, random),
                AdapterExamples.pair(model, "blk.2.attn_q.weight", 4, random),
                AdapterExamples.pair(model, "blk.2.ffn_up.weight", 6, random));
        AdapterFiles.write(Adapter.of("llama", 8, pairs), model, AdapterFormat.PEFT, folder, "base");
        JsonNode config =
                new JsonMapper().readTree(folder.resolve("adapter_config.json").toFile());
        assertThat(config.get("target_modules").toString())
                .isEqualTo("[\"model.layers.0.self_attn.q_proj\",\"model.layers.2.mlp.up_proj\","
                        + "\"model.layers.2.self_attn.q_proj\"]");
        assertThat(config.get("layers_to_transform").isNull()).isTrue();
        assertThat(config.get("rank_pattern").toString()).isEqualTo("{\"model.layers.2.mlp.up_proj\":6}");
    }
}
