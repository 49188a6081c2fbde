package io.lethean.lem.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Fixtures;
import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.safetensors.SafetensorsEntry;
import io.lethean.lem.internal.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HeadOrderTest {

    /** One trained model in both forms: only its query and key weights are permuted. */
    @Test
    void everyTensorOfTheHuggingFaceModelBecomesTheGgufTensor() throws IOException {
        Path model = Fixtures.require("models/stories260K-f32.gguf");
        SafetensorsFile hf = SafetensorsFile.open(Fixtures.require("models/hf-stories260K/model.safetensors"));
        ModelOutline outline = ModelOutline.read(model);
        GgufFile gguf = GgufFile.read(model);
        int compared = 0;
        int moved = 0;
        try (GgufTensorData data = GgufTensorData.open(gguf)) {
            for (SafetensorsEntry entry : hf.entries()) {
                String module = entry.name().replaceAll("\\.weight$", "");
                if (entry.shape().size() != 2) {
                    continue;
                }
                String tensor = TensorNames.tensor(module).orElseThrow();
                Factor weight = SafetensorsFactors.of(hf, entry);
                LoraPair pair = new LoraPair(tensor, oneRow(weight.columns()), weight);
                float[] found = HeadOrder.toGguf(pair, outline).b().values();
                ByteBuffer bytes =
                        ByteBuffer.wrap(data.bytes(gguf.tensor(tensor).orElseThrow()));
                float[] wanted = new float[found.length];
                bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(wanted);
                assertThat(found).as(tensor).containsExactly(wanted);
                compared++;
                moved += Arrays.equals(found, weight.values()) ? 0 : 1;
            }
        }
        assertThat(compared).isEqualTo(1 + 5 * 7);
        assertThat(moved).as("query and key of five layers").isEqualTo(10);
    }

    private static Factor oneRow(int rank) {
        return Factor.of(rank, 1, new float[rank]);
    }

    /** The converter's definition: reshape to heads x 2 x half x columns, swap the middle two, flatten. */
    @Test
    void rowsOfLlamaMoveAsTheConverterMovesThem() {
        ModelOutline model = AdapterExamples.model("llama");
        LoraPair pair = AdapterExamples.pair(model, "blk.0.attn_k.weight", 3, new SplittableRandom(5));
        float[] hf = pair.b().values();
        float[] expected = new float[hf.length];
        int half = AdapterExamples.HEAD_ROWS / 2;
        int to = 0;
        for (int head = 0; head < AdapterExamples.KV_HEADS; head++) {
            for (int i = 0; i < half; i++) {
                for (int j = 0; j < 2; j++) {
                    for (int k = 0; k < 3; k++) {
                        expected[to++] = hf[((head * 2 + j) * half + i) * 3 + k];
                    }
                }
            }
        }
        LoraPair gguf = HeadOrder.toGguf(pair, model);
        assertThat(gguf.b().values()).containsExactly(expected).isNotEqualTo(hf);
        assertThat(gguf.a()).isSameAs(pair.a());
        assertThat(HeadOrder.fromGguf(gguf, model).b().values()).containsExactly(hf);
    }

    @Test
    void onlyQueryAndKeyOfThePairedArchitecturesMove() {
        SplittableRandom random = new SplittableRandom(6);
        List<String> moved = new ArrayList<>();
        for (String architecture : Architecture.ids()) {
            ModelOutline model = AdapterExamples.model(architecture);
            LoraPair pair = AdapterExamples.pair(model, "blk.0.attn_q.weight", 2, random);
            if (HeadOrder.toGguf(pair, model) != pair) {
                moved.add(architecture);
            }
        }
        assertThat(moved).containsExactly("llama", "mistral3");
        ModelOutline llama = AdapterExamples.model("llama");
        for (String part : new String[] {"attn_v", "attn_output", "ffn_up"}) {
            LoraPair pair = AdapterExamples.pair(llama, "blk.0." + part + ".weight", 2, random);
            assertThat(HeadOrder.toGguf(pair, llama)).isSameAs(pair);
        }
    }

    @Test
    void architectureWhoseOrderIsUnknownIsRefused() {
        ModelOutline model = AdapterExamples.model("phi3");
        LoraPair pair = AdapterExamples.pair(model, "blk.0.attn_q.weight", 2, new SplittableRandom(7));
        assertThatThrownBy(() -> HeadOrder.toGguf(pair, model))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("phi3");
    }

    @Test
    void rowsThatAreNoWholeHeadsAreRefused() {
        ModelOutline model = AdapterExamples.model("llama");
        LoraPair pair = new LoraPair("blk.0.attn_q.weight", oneRow(1), Factor.of(12, 1, new float[12]));
        assertThatThrownBy(() -> HeadOrder.toGguf(pair, model))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("12 rows");
    }
}
