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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MlxAdapterTest {

    private static final int IN = AdapterExamples.INPUTS;

    @TempDir
    Path folder;

    private final SplittableRandom random = new SplittableRandom(12);

    private void config(String json) throws IOException {
        Files.writeString(folder.resolve("adapter_config.json"), json);
    }

    private static String lora(String parameters) {
        return "{\"fine_tune_type\":\"lora\",\"num_layers\":16,\"lora_parameters\":{" + parameters + "}}";
    }

    private void weights(SafetensorsBytes tensors) throws IOException {
        tensors.write(folder.resolve("adapters.safetensors"));
    }

    @Test
    void updateIsScaleTimesTheProductWithRowsOfTheQueryInGgufOrder() throws IOException {
        config(lora("\"rank\":2,\"scale\":20.0,\"dropout\":0.0"));
        int rows = AdapterExamples.HEADS * AdapterExamples.HEAD_ROWS;
        float[] a = AdapterExamples.values(IN * 2, random);
        float[] b = AdapterExamples.values(2 * rows, random);
        weights(new SafetensorsBytes()
                .f32("model.layers.0.self_attn.q_proj.lora_a", IN, 2, a)
                .f32("model.layers.0.self_attn.q_proj.lora_b", 2, rows, b));
        Adapter adapter = AdapterFiles.read(folder, AdapterExamples.model("llama"));
        assertThat(adapter.alpha()).isEqualTo(40f);
        double[][] update = AdapterExamples.update(adapter, "blk.0.attn_q.weight");
        int half = AdapterExamples.HEAD_ROWS / 2;
        for (int head = 0; head < AdapterExamples.HEADS; head++) {
            for (int i = 0; i < AdapterExamples.HEAD_ROWS; i++) {
                int hf = head * AdapterExamples.HEAD_ROWS + i;
                int gguf = head * AdapterExamples.HEAD_ROWS + 2 * (i % half) + i / half;
                double expected = 20 * ((double) a[6] * b[hf] + (double) a[7] * b[rows + hf]);
                assertThat(update[gguf][3]).isCloseTo(expected, Offset.offset(1e-5));
            }
        }
    }

    /** In mlx-lm: A as experts x rank x inputs, before as (experts * rank) x inputs; B as experts x outputs x rank. */
    @ParameterizedTest
    @CsvSource({
        "llama, block_sparse_moe.switch_mlp, block_sparse_moe.gate, true",
        "qwen3moe, mlp.switch_mlp, mlp.gate, true",
        "qwen3moe, mlp.switch_mlp, mlp.gate, false",
        "gpt-oss, mlp.experts, mlp.router, true"
    })
    void expertsAndRouterAreRead(String architecture, String experts, String router, boolean stacked)
            throws IOException {
        config(lora("\"rank\":2,\"scale\":5.0"));
        int count = AdapterExamples.EXPERTS;
        int outputs = AdapterExamples.HIDDEN;
        float[] a = AdapterExamples.values(count * 2 * IN, random);
        float[] b = AdapterExamples.values(count * outputs * 2, random);
        float[] routerA = AdapterExamples.values(IN * 2, random);
        float[] routerB = AdapterExamples.values(2 * count, random);
        SafetensorsBytes bytes = new SafetensorsBytes()
                .f32("model.layers.2." + router + ".lora_a", IN, 2, routerA)
                .f32("model.layers.2." + router + ".lora_b", 2, count, routerB)
                .f32("model.layers.2." + experts + ".up_proj.lora_b", count, outputs, 2, b);
        weights(
                stacked
                        ? bytes.f32("model.layers.2." + experts + ".up_proj.lora_a", count, 2, IN, a)
                        : bytes.f32("model.layers.2." + experts + ".up_proj.lora_a", count * 2, IN, a));
        Adapter adapter = AdapterFiles.read(folder, AdapterExamples.mixture(architecture));
        double[][] update = AdapterExamples.update(adapter, "blk.2.ffn_up_exps.weight");
        int row = 3 * outputs + 4;
        double expected = 5 * ((double) b[row * 2] * a[6 * IN + 9] + (double) b[row * 2 + 1] * a[7 * IN + 9]);
        assertThat(update[row][9]).isCloseTo(expected, Offset.offset(1e-6));
        double ofRouter = 5 * ((double) routerA[18] * routerB[3] + (double) routerA[19] * routerB[count + 3]);
        assertThat(AdapterExamples.update(adapter, "blk.2.ffn_gate_inp.weight")[3][9])
                .isCloseTo(ofRouter, Offset.offset(1e-6));
        assertThat(adapter.pair("blk.2.ffn_up_exps.weight").orElseThrow().experts())
                .isEqualTo(count);
    }

    @Test
    void expertsOfAnotherCountOrForm_areRefused() throws IOException {
        config(lora("\"rank\":2,\"scale\":5.0"));
        String module = "model.layers.2.mlp.switch_mlp.up_proj.lora_";
        weights(new SafetensorsBytes()
                .f32(module + "a", 4, 2, IN, new float[4 * 2 * IN])
                .f32(module + "b", 5, 20, 2, new float[5 * 20 * 2]));
        ModelOutline model = AdapterExamples.mixture("qwen3moe");
        assertThatThrownBy(() -> AdapterFiles.read(folder, model))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("blk.2.ffn_up_exps.weight by one factor of 4 and another of 5 matrices");
        weights(new SafetensorsBytes()
                .f32(module + "a", 8, IN, new float[8 * IN])
                .f32(module + "b", 4, 20, 2, new float[4 * 20 * 2]));
        assertThatThrownBy(() -> AdapterFiles.read(folder, model))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("blk.2.ffn_up_exps.weight as 16 x 20 x 4")
                .hasMessageContaining("it is 16 x 20 x 5");
        weights(new SafetensorsBytes().f32(module + "b", 20, 2, new float[40]));
        assertThatThrownBy(() -> AdapterFiles.read(folder, model))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(module + "b of shape")
                .hasMessageContaining("a matrix for each expert is needed");
    }

    @ParameterizedTest
    @CsvSource({
        "llama, block_sparse_moe.gate, block_sparse_moe.switch_mlp.down_proj",
        "qwen3moe, mlp.gate, mlp.switch_mlp.down_proj",
        "gpt-oss, mlp.router, mlp.experts.down_proj"
    })
    void writtenExpertsHaveTheNamesOfTheirModules(String architecture, String router, String down) throws IOException {
        ModelOutline model = AdapterExamples.mixture(architecture);
        List<LoraPair> pairs = List.of(
                AdapterExamples.pair(model, "blk.2.ffn_gate_inp.weight", 6, random),
                AdapterExamples.pair(model, "blk.2.ffn_down_exps.weight", 4, random));
        Adapter adapter = Adapter.of(architecture, 12, pairs);
        AdapterFiles.write(adapter, model, AdapterFormat.MLX, folder, "base");
        JsonNode config =
                new JsonMapper().readTree(folder.resolve("adapter_config.json").toFile());
        assertThat(config.get("lora_parameters").get("keys").values())
                .extracting(JsonNode::asString)
                .containsExactlyInAnyOrder(router, down);
        SafetensorsFile file = SafetensorsFile.open(folder.resolve("adapters.safetensors"));
        assertThat(entry(file, "model.layers.2." + down + ".lora_a").shape()).containsExactly(5L, 6L, 20L);
        assertThat(entry(file, "model.layers.2." + down + ".lora_b").shape()).containsExactly(5L, 16L, 6L);
        assertThat(entry(file, "model.layers.2." + router + ".lora_a").shape()).containsExactly(16L, 6L);
        AdapterRoundTripTest.assertUpdates(AdapterFiles.read(folder, model), adapter, "blk.2.ffn_down_exps.weight");
    }

    @Test
    void embeddingIsLookedUpAndNotMultipliedBy() throws IOException {
        config(lora("\"rank\":2,\"scale\":1.5"));
        float[] a = AdapterExamples.values(AdapterExamples.TOKENS * 2, random);
        float[] b = AdapterExamples.values(2 * IN, random);
        weights(new SafetensorsBytes()
                .f32("model.embed_tokens.lora_a", AdapterExamples.TOKENS, 2, a)
                .f32("model.embed_tokens.lora_b", 2, IN, b));
        Adapter adapter = AdapterFiles.read(folder, AdapterExamples.model("qwen2"));
        double expected = 1.5 * ((double) a[10] * b[7] + (double) a[11] * b[IN + 7]);
        assertThat(AdapterExamples.update(adapter, "token_embd.weight")[5][7]).isCloseTo(expected, Offset.offset(1e-6));
    }

    @Test
    void checkpointBesideTheConfigurationIsReadByItsFile() throws IOException {
        config(lora("\"rank\":1,\"scale\":2"));
        Path checkpoint = folder.resolve("0000100_adapters.safetensors");
        new SafetensorsBytes()
                .f32("model.layers.2.mlp.down_proj.lora_a", AdapterExamples.HIDDEN, 1, new float[20])
                .f32("model.layers.2.mlp.down_proj.lora_b", 1, IN, new float[IN])
                .write(checkpoint);
        assertThat(AdapterFiles.format(checkpoint)).isEqualTo(AdapterFormat.MLX);
        assertThat(AdapterFiles.read(checkpoint, AdapterExamples.model("qwen3")).pairs())
                .extracting(LoraPair::tensor)
                .containsExactly("blk.2.ffn_down.weight");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            no magnitude  | {"fine_tune_type":"dora","lora_parameters":{"scale":1}} | has no magnitude of blk.0.attn_v.weight
            full          | {"fine_tune_type":"full"}                               | of type full
            no parameters | {"fine_tune_type":"lora"}                               | lora_parameters
            no scale      | {"lora_parameters":{"rank":2}}                          | no number scale
            text as scale | {"lora_parameters":{"scale":"20"}}                      | no number scale
            no object     | [1]                                                     | not a JSON object
            no JSON       | {"lora_parameters":                                     | not JSON
            """)
    void configurationThatGgufCannotExpressIsRefusedByName(String what, String json, String message)
            throws IOException {
        config(json);
        weights(new SafetensorsBytes()
                .f32("model.layers.0.self_attn.v_proj.lora_a", IN, 1, new float[IN])
                .f32("model.layers.0.self_attn.v_proj.lora_b", 1, 12, new float[12]));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(message);
    }

    @Test
    void magnitudesOfDoraAreRead_ifTheConfigurationSaysSo() throws IOException {
        float[] magnitude = AdapterExamples.values(12, new SplittableRandom(9));
        weights(new SafetensorsBytes()
                .vector("model.layers.0.self_attn.v_proj.m", magnitude)
                .f32("model.layers.0.self_attn.v_proj.lora_a", IN, 1, new float[IN])
                .f32("model.layers.0.self_attn.v_proj.lora_b", 1, 12, new float[12]));
        config("{\"fine_tune_type\":\"dora\",\"lora_parameters\":{\"rank\":1,\"scale\":2}}");
        Adapter read = AdapterFiles.read(folder, AdapterExamples.model("llama"));
        assertThat(read.pairs().getFirst().magnitude().values()).containsExactly(magnitude);
        assertThat(read.scale(read.pairs().getFirst())).isEqualTo(2);
        config(lora("\"rank\":1,\"scale\":2"));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama")))
                .hasMessageContaining("has a magnitude of blk.0.attn_v.weight, and its configuration does not say");
    }

    @Test
    void alphaBesideTheScaleIsNoted() throws IOException {
        config(lora("\"rank\":1,\"scale\":2,\"alpha\":16"));
        weights(new SafetensorsBytes()
                .f32("model.layers.0.self_attn.v_proj.lora_a", IN, 1, new float[IN])
                .f32("model.layers.0.self_attn.v_proj.lora_b", 1, 12, new float[12]));
        Adapter adapter = AdapterFiles.read(folder, AdapterExamples.model("llama"));
        assertThat(adapter.alpha()).isEqualTo(2f);
        assertThat(adapter.notes()).singleElement().asString().contains("alpha");
    }

    @Test
    void tensorsOfDifferentRank_areWrittenWithTheLargest_filledUpWithZeros() throws IOException {
        ModelOutline model = AdapterExamples.model("qwen2");
        LoraPair small = AdapterExamples.pair(model, "blk.1.attn_v.weight", 2, random);
        LoraPair large = AdapterExamples.pair(model, "blk.2.ffn_up.weight", 6, random);
        Adapter adapter = Adapter.of("qwen2", 12, List.of(small, large));
        AdapterFiles.write(adapter, model, AdapterFormat.MLX, folder, "base");
        JsonNode config =
                new JsonMapper().readTree(folder.resolve("adapter_config.json").toFile());
        assertThat(config.get("lora_parameters").get("rank").asInt()).isEqualTo(6);
        assertThat(config.get("lora_parameters").get("scale").asDouble()).isEqualTo(2);
        SafetensorsFile file = SafetensorsFile.open(folder.resolve("adapters.safetensors"));
        String module = "model.layers.1.self_attn.v_proj.lora_";
        assertThat(entry(file, module + "a").shape()).containsExactly((long) IN, 6L);
        assertThat(entry(file, module + "b").shape()).containsExactly(6L, 12L);
        float[] a = SafetensorsFactors.of(file, entry(file, module + "a")).values();
        float[] b = SafetensorsFactors.of(file, entry(file, module + "b")).values();
        for (int k = 0; k < 6; k++) {
            assertThat(a[5 * 6 + k]).isEqualTo(k < 2 ? small.a().values()[k * IN + 5] : 0);
            assertThat(b[k * 12 + 7]).isEqualTo(k < 2 ? 3 * small.b().values()[7 * 2 + k] : 0);
        }
        Adapter read = AdapterFiles.read(folder, model);
        AdapterRoundTripTest.assertUpdates(read, adapter, small.tensor());
        AdapterRoundTripTest.assertUpdates(read, adapter, large.tensor());
    }

    private static SafetensorsEntry entry(SafetensorsFile file, String name) {
        return file.entries().stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void writtenConfigurationCoversTheLayersThatAreAdapted() throws IOException {
        ModelOutline model = AdapterExamples.model("llama");
        List<LoraPair> pairs = List.of(
                AdapterExamples.pair(model, "blk.1.attn_q.weight", 4, random),
                AdapterExamples.pair(model, "blk.2.ffn_up.weight", 4, random),
                AdapterExamples.pair(model, "output.weight", 4, random));
        AdapterFiles.write(Adapter.of("llama", 0.8f, pairs), model, AdapterFormat.MLX, folder, "base");
        JsonNode config =
                new JsonMapper().readTree(folder.resolve("adapter_config.json").toFile());
        assertThat(config.get("fine_tune_type").asString()).isEqualTo("lora");
        assertThat(config.get("num_layers").asInt()).isEqualTo(2);
        JsonNode parameters = config.get("lora_parameters");
        assertThat(parameters.get("rank").asInt()).isEqualTo(4);
        assertThat(parameters.get("scale").asDouble()).isEqualTo(0.2);
        assertThat(parameters.get("keys").toString()).isEqualTo("[\"lm_head\",\"mlp.up_proj\",\"self_attn.q_proj\"]");
    }
}
