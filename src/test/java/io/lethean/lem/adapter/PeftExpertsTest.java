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
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Updates of experts and routers in PEFT's files, of transformers 5 and of those before. */
class PeftExpertsTest {

    private static final int IN = AdapterExamples.INPUTS;
    private static final int OUT = AdapterExamples.HIDDEN;
    private static final int EXPERTS = AdapterExamples.EXPERTS;
    private static final int RANK = 2;
    private static final double ALPHA = 6;
    private static final String MLP = "base_model.model.model.layers.1.mlp.";
    private static final String GATE = "blk.1.ffn_gate_exps.weight";
    private static final String UP = "blk.1.ffn_up_exps.weight";
    private static final String DOWN = "blk.1.ffn_down_exps.weight";
    private static final String BOTH =
            ",\"target_parameters\":[\"mlp.experts.gate_up_proj\",\"mlp.experts.down_proj\"]";

    @TempDir
    Path folder;

    private final SplittableRandom random = new SplittableRandom(21);

    private void config(String extra) throws IOException {
        Files.writeString(
                folder.resolve("adapter_config.json"),
                "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":6,\"bias\":\"none\"" + extra + "}");
    }

    private Adapter read(String architecture, SafetensorsBytes tensors) throws IOException {
        tensors.write(folder.resolve("adapter_model.safetensors"));
        return AdapterFiles.read(folder, AdapterExamples.mixture(architecture));
    }

    private void assertRefused(SafetensorsBytes tensors, String message) {
        assertThatThrownBy(() -> read("qwen3moe", tensors))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(message);
    }

    /** Factors as a ParamWrapper of PEFT has them, and the update that it computes: B [o, r, e], A [e, r, i] -> [e, o, i]. */
    private final class Stack {
        final int inputs;
        final int outputs;
        final float[] a;
        final float[] b;

        Stack(int inputs, int outputs) {
            this.inputs = inputs;
            this.outputs = outputs;
            a = AdapterExamples.values(EXPERTS * RANK * inputs, random);
            b = AdapterExamples.values(outputs * RANK * EXPERTS, random);
        }

        SafetensorsBytes into(SafetensorsBytes bytes, String module) {
            return bytes.f32(module + ".lora_A.weight", EXPERTS * RANK, inputs, a)
                    .f32(module + ".lora_B.weight", outputs, RANK * EXPERTS, b);
        }

        double update(int expert, int output, int input, double scale) {
            double sum = 0;
            for (int k = 0; k < RANK; k++) {
                sum += (double) b[(output * RANK + k) * EXPERTS + expert] * a[(expert * RANK + k) * inputs + input];
            }
            return scale * sum;
        }
    }

    /** Which row of a fused matrix of 2 x 20 outputs is the first output of up, and how far its outputs are apart. */
    @ParameterizedTest
    @CsvSource({"llama, 20, 1", "qwen3moe, 20, 1", "gpt-oss, 1, 2"})
    void stackedExperts_areSplitIntoGateAndUp(String architecture, int firstOfUp, int apart) throws IOException {
        config(BOTH);
        Stack gateUp = new Stack(IN, 2 * OUT);
        Stack down = new Stack(OUT, IN);
        Adapter adapter = read(
                architecture,
                down.into(gateUp.into(new SafetensorsBytes(), MLP + "experts.base_layer"), MLP + "experts"));
        assertThat(adapter.pairs()).extracting(LoraPair::tensor).containsExactly(DOWN, GATE, UP);
        assertThat(adapter.pairs()).allMatch(pair -> pair.experts() == EXPERTS && pair.rank() == RANK);
        double scale = ALPHA / RANK;
        double[][] ofGate = AdapterExamples.update(adapter, GATE);
        double[][] ofUp = AdapterExamples.update(adapter, UP);
        double[][] ofDown = AdapterExamples.update(adapter, DOWN);
        for (int expert = 0; expert < EXPERTS; expert++) {
            for (int output = 0; output < OUT; output++) {
                for (int input = 0; input < IN; input++) {
                    assertThat(ofGate[expert * OUT + output][input])
                            .isCloseTo(gateUp.update(expert, apart * output, input, scale), Offset.offset(1e-6));
                    assertThat(ofUp[expert * OUT + output][input])
                            .isCloseTo(
                                    gateUp.update(expert, firstOfUp + apart * output, input, scale),
                                    Offset.offset(1e-6));
                    assertThat(ofDown[expert * IN + input][output])
                            .isCloseTo(down.update(expert, input, output, scale), Offset.offset(1e-6));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gate_up_proj", "experts.gate_up_proj", "model.layers.1.mlp.experts.gate_up_proj"})
    void gateAndUpAlone_areNotTakenForDown_andHaveTheirOwnAlpha(String parameter) throws IOException {
        config(",\"target_parameters\":[\"" + parameter + "\",\"model.layers.2.mlp.experts.down_proj\"],"
                + "\"alpha_pattern\":{\".*\\\\.gate_up_proj\":10}");
        Stack gateUp = new Stack(IN, 2 * OUT);
        Adapter adapter = read("qwen3moe", gateUp.into(new SafetensorsBytes(), MLP + "experts"));
        assertThat(adapter.pairs()).extracting(LoraPair::tensor).containsExactly(GATE, UP);
        assertThat(adapter.scale(adapter.pairs().getFirst())).isEqualTo(5f);
        assertThat(AdapterExamples.update(adapter, UP)[3 * OUT + 4][7])
                .isCloseTo(gateUp.update(3, OUT + 4, 7, 5), Offset.offset(1e-6));
    }

    @Test
    void newAdapterWithZerosInB_isReadWithBothProjections() throws IOException {
        config(BOTH);
        Adapter adapter = read(
                "llama",
                new SafetensorsBytes()
                        .f32(MLP + "experts.base_layer.lora_A.weight", EXPERTS * RANK, IN, ones(EXPERTS * RANK * IN))
                        .f32(
                                MLP + "experts.base_layer.lora_B.weight",
                                2 * OUT,
                                RANK * EXPERTS,
                                new float[2 * OUT * RANK * EXPERTS]));
        assertThat(adapter.pairs()).extracting(LoraPair::tensor).containsExactly(GATE, UP);
        assertThat(adapter.pairs()).allMatch(pair -> pair.rank() == RANK);
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    @ParameterizedTest
    @CsvSource({"block_sparse_moe, w1, w3, w2, llama", "mlp, gate_proj, up_proj, down_proj, qwen3moe"})
    void expertsAsModulesOfTheirOwn_areStacked_andOthersStayAsTheyAre(
            String block, String gate, String up, String down, String architecture) throws IOException {
        config(",\"alpha_pattern\":{\"experts.3." + up + "\":12},\"rank_pattern\":{\"experts.3." + up + "\":4}");
        String experts = "base_model.model.model.layers.1." + block + ".experts.";
        float[] a = AdapterExamples.values(2 * IN, random);
        float[] b = AdapterExamples.values(OUT * 2, random);
        float[] wideA = AdapterExamples.values(4 * IN, random);
        float[] wideB = AdapterExamples.values(OUT * 4, random);
        Adapter adapter = read(
                architecture,
                new SafetensorsBytes()
                        .f32(experts + "0." + up + ".lora_A.weight", 2, IN, a)
                        .f32(experts + "0." + up + ".lora_B.weight", OUT, 2, b)
                        .f32(experts + "3." + up + ".lora_B.weight", OUT, 4, wideB)
                        .f32(experts + "3." + up + ".lora_A.weight", 4, IN, wideA)
                        .f32(experts + "2." + gate + ".lora_A.weight", 2, IN, a)
                        .f32(experts + "2." + gate + ".lora_B.weight", OUT, 2, b)
                        .f32(experts + "4." + down + ".lora_A.weight", 2, OUT, b)
                        .f32(experts + "4." + down + ".lora_B.weight", IN, 2, a));
        assertThat(adapter.pairs()).extracting(LoraPair::tensor).containsExactly(DOWN, GATE, UP);
        double[][] ofUp = AdapterExamples.update(adapter, UP);
        assertThat(ofUp[6][9]).isCloseTo(3 * product(a, b, 2, 6, 9), Offset.offset(1e-6));
        assertThat(ofUp[3 * OUT + 6][9]).isCloseTo(3 * product(wideA, wideB, 4, 6, 9), Offset.offset(1e-6));
        assertThat(ofUp[OUT + 6]).containsOnly(0);
        assertThat(AdapterExamples.update(adapter, GATE)[2 * OUT + 6][9])
                .isCloseTo(3 * product(a, b, 2, 6, 9), Offset.offset(1e-6));
        assertThat(AdapterExamples.update(adapter, DOWN)[4 * IN + 5][8])
                .isCloseTo(3 * ((double) a[10] * b[8] + (double) a[11] * b[OUT + 8]), Offset.offset(1e-6));
    }

    private static double product(float[] a, float[] b, int rank, int output, int input) {
        double sum = 0;
        for (int k = 0; k < rank; k++) {
            sum += (double) b[output * rank + k] * a[k * IN + input];
        }
        return sum;
    }

    @ParameterizedTest
    @CsvSource({
        "qwen3moe, mlp.gate, gate.weight",
        "gpt-oss, mlp.router, mlp.router.weight",
        "llama, block_sparse_moe.gate, ''"
    })
    void routerIsReadAsParameterOrModule(String architecture, String module, String parameter) throws IOException {
        boolean isParameter = !parameter.isEmpty();
        config((isParameter ? ",\"target_parameters\":[\"" + parameter + "\"]" : "") + ",\"alpha_pattern\":{\"" + module
                + (isParameter ? ".weight" : "") + "\":8}");
        float[] a = AdapterExamples.values(2 * IN, random);
        float[] b = AdapterExamples.values(EXPERTS * 2, random);
        Adapter adapter = read(
                architecture,
                new SafetensorsBytes()
                        .f32("base_model.model.model.layers.1." + module + ".lora_A.weight", 2, IN, a)
                        .f32("base_model.model.model.layers.1." + module + ".lora_B.weight", EXPERTS, 2, b));
        assertThat(AdapterExamples.update(adapter, "blk.1.ffn_gate_inp.weight")[4][9])
                .isCloseTo(4 * product(a, b, 2, 4, 9), Offset.offset(1e-6));
    }

    @Test
    void factorsThatDoNotFit_areRefusedByName() throws IOException {
        config(",\"target_parameters\":[\"mlp.experts.down_proj\"]");
        Stack down = new Stack(OUT, IN);
        assertRefused(
                down.into(new SafetensorsBytes(), MLP + "experts.base_layer"),
                "the target_parameters of its configuration name 1 of them");
        assertRefused(
                new SafetensorsBytes().f32(MLP + "experts.lora_A.weight", 9, OUT, new float[9 * OUT]),
                "rank times experts = 9, and mixture.gguf has 5 experts");
        assertRefused(
                new SafetensorsBytes().f32(MLP + "experts.lora_A.weight", 20, OUT, new float[20 * OUT]),
                "gives r = 2, and the factors of model.layers.1.mlp.experts.down_proj have rank 4");
        assertRefused(
                new SafetensorsBytes().f32(MLP + "experts.lora_A.weight", EXPERTS * RANK, OUT, down.a),
                "only the factor A of the update of " + DOWN);
        assertRefused(
                new SafetensorsBytes().f32(MLP + "experts.5.up_proj.lora_A.weight", RANK, IN, new float[RANK * IN]),
                "updates the module model.layers.1.mlp.experts.5.up_proj, and mixture.gguf has 5 experts");
        assertRefused(
                new SafetensorsBytes().f32(MLP + "experts.4.up_proj.lora_A.weight", RANK, IN, new float[RANK * IN]),
                "only the factor A of the update of expert 4 of " + UP);
        config(",\"target_parameters\":[\"mlp.experts.gate_up_proj\"]");
        Stack gateUp = new Stack(IN, 2 * OUT);
        assertRefused(
                new SafetensorsBytes().f32(MLP + "experts.lora_B.weight", 2 * OUT, RANK * EXPERTS, gateUp.b),
                "only the factor B of the update of " + GATE);
        Stack odd = new Stack(IN, 2 * OUT + 1);
        assertRefused(odd.into(new SafetensorsBytes(), MLP + "experts"), "do not fit each other");
        Stack narrow = new Stack(IN, 2 * OUT - 2);
        assertRefused(narrow.into(new SafetensorsBytes(), MLP + "experts"), GATE + " as 16 x 19 x 5");
        gateUp.into(new SafetensorsBytes(), MLP + "experts").write(folder.resolve("adapter_model.safetensors"));
        assertThatThrownBy(() -> AdapterFiles.read(folder, AdapterExamples.model("llama")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("updates experts, " + GATE + ", and model.gguf has no such tensor");
    }

    @Test
    void writtenNamesShapesAndConfiguration_areThoseOfPeft() throws IOException {
        ModelOutline model = AdapterExamples.mixture("qwen3moe");
        Adapter adapter = AdapterExamples.everything(model, 12, 4);
        List<LoraPair> pairs = adapter.pairs().stream()
                .filter(pair -> pair.tensor().contains("ffn") || pair.tensor().contains("attn_q"))
                .toList();
        AdapterFiles.write(Adapter.of("qwen3moe", 12, pairs), model, AdapterFormat.PEFT, folder, "org/base");
        SafetensorsFile file = SafetensorsFile.open(folder.resolve("adapter_model.safetensors"));
        assertThat(shape(file, MLP + "experts.base_layer.lora_A.weight")).containsExactly(8L * EXPERTS, (long) IN);
        assertThat(shape(file, MLP + "experts.base_layer.lora_B.weight")).containsExactly(2L * OUT, 8L * EXPERTS);
        assertThat(shape(file, MLP + "experts.lora_A.weight")).containsExactly(4L * EXPERTS, (long) OUT);
        assertThat(shape(file, MLP + "experts.lora_B.weight")).containsExactly((long) IN, 4L * EXPERTS);
        assertThat(shape(file, MLP + "gate.lora_A.weight")).containsExactly(4L, (long) IN);
        JsonNode config = readConfig();
        assertThat(config.get("target_modules").toString()).isEqualTo("[\"q_proj\"]");
        assertThat(config.get("target_parameters").toString())
                .isEqualTo("[\"mlp.experts.down_proj\",\"mlp.experts.gate_up_proj\",\"mlp.gate.weight\"]");
        assertThat(config.get("layers_to_transform").isNull()).isTrue();
        assertThat(config.get("r").asInt()).isEqualTo(4);
        assertThat(config.get("rank_pattern")
                        .get("model.layers.1.mlp.experts.gate_up_proj")
                        .asInt())
                .isEqualTo(8);
        assertThat(config.get("alpha_pattern")
                        .get("model.layers.1.mlp.experts.gate_up_proj")
                        .asDouble())
                .isEqualTo(24);
    }

    @Test
    void expertsOfSomeLayers_areNamedInFull() throws IOException {
        ModelOutline model = AdapterExamples.mixture("gpt-oss");
        LoraPair pair = AdapterExamples.pair(model, "blk.2.ffn_up_exps.weight", 2, random);
        AdapterFiles.write(Adapter.of("gpt-oss", 12, List.of(pair)), model, AdapterFormat.PEFT, folder, "org/base");
        JsonNode config = readConfig();
        assertThat(config.get("target_modules").toString()).isEqualTo("[]");
        assertThat(config.get("target_parameters").toString())
                .isEqualTo("[\"model.layers.2.mlp.experts.gate_up_proj\"]");
        assertThat(config.get("rank_pattern").isEmpty()).isTrue();
        assertThat(AdapterFiles.read(folder, model).pairs())
                .extracting(LoraPair::tensor)
                .containsExactly(pair.tensor());
    }

    private JsonNode readConfig() {
        return new JsonMapper().readTree(folder.resolve("adapter_config.json").toFile());
    }

    private static List<Long> shape(SafetensorsFile file, String name) {
        return file.entries().stream()
                .filter(entry -> entry.name().equals(name))
                .map(SafetensorsEntry::shape)
                .findFirst()
                .orElseThrow();
    }
}
