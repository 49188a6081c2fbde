package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.Message;
import io.lethean.lem.quantize.Quantize;
import io.lethean.lem.quantize.QuantizeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Published models against what transformers 5.24 makes of the same files: tokens, rendered turns, logits.
 *
 * <p>transformers computes in float32 with the dequantized weights. llama.cpp rounds activations where weights are
 * quantized, so logits are compared on the file converted to F32. What is left is the 16-bit cache.
 */
class RealModelIT {

    /** Seen: 0.022, where logits span 28. */
    private static final double SMOLLM2_BOUND = 0.03;

    /** Seen: 0.061, where logits span 38. */
    private static final double GEMMA3_BOUND = 0.075;

    private static final ModelOptions OPTIONS =
            ModelOptions.builder().threads(1).contextTokens(512).device("cpu").build();

    @TempDir
    Path folder;

    @Test
    @Tag("real")
    void smolLm2_hasTransformersTokensTurnsAndLogits() throws IOException {
        compare(Fixtures.realModel("smollm2"), "smollm2-135m-instruct-q4_1", SMOLLM2_BOUND);
    }

    @Test
    @Tag("peers")
    void gemma3_hasTransformersTokensAndLogits() throws IOException {
        compare(Fixtures.realModel("gemma3"), "gemma3-270m-q4_k_m", GEMMA3_BOUND);
    }

    private void compare(Path file, String name, double bound) throws IOException {
        JsonNode texts = new ObjectMapper().readTree(Fixtures.require("real/" + name + ".expected.json"));
        assertThat(texts.size()).isEqualTo(10);
        Path wide = folder.resolve("f32.gguf");
        Quantize.run(QuantizeOptions.of(file, wide, "f32").withThreads(1));
        try (LemModel model = LemModel.load(file, OPTIONS)) {
            texts.forEach(each -> assertTokensAndTurn(model, each));
        }
        double largest = 0;
        try (LemModel model = LemModel.load(wide, OPTIONS)) {
            for (JsonNode each : texts) {
                largest = Math.max(largest, assertLogits(model, each, bound));
            }
        }
        System.out.println("Largest difference of logits from transformers, " + name + ": " + largest);
    }

    private static void assertTokensAndTurn(LemModel model, JsonNode expected) {
        String text = expected.get("text").asString();
        assertThat(model.tokenize(text)).as(text).isEqualTo(tokens(expected));
        if (expected.has("rendered_user_turn")) {
            assertThat(model.tokenizer().applyTemplate(List.of(Message.user(text)), true))
                    .isEqualTo(expected.get("rendered_user_turn").asString());
        }
    }

    private static double assertLogits(LemModel model, JsonNode expected, double bound) {
        float[] logits = model.logits(
                tokens(expected).subList(0, expected.get("logits_after").asInt()));
        JsonNode wanted = expected.get("logits");
        int every = expected.get("every").asInt();
        assertThat(wanted.size()).isEqualTo((logits.length + every - 1) / every);
        double largest = 0;
        for (int i = 0; i < wanted.size(); i++) {
            largest =
                    Math.max(largest, Math.abs(logits[i * every] - wanted.get(i).asDouble()));
        }
        assertThat(largest)
                .as("largest difference after: " + expected.get("text").asString())
                .isLessThan(bound);
        return largest;
    }

    private static List<Integer> tokens(JsonNode expected) {
        List<Integer> tokens = new ArrayList<>();
        expected.get("tokens").forEach(token -> tokens.add(token.asInt()));
        return tokens;
    }
}
