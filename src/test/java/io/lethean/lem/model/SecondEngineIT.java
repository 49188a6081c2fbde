package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.Fixtures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The scores that llama.cpp computes through this library, against a forward pass written for this test. */
class SecondEngineIT {

    private static final ModelOptions EXACT = ModelOptions.builder()
            .threads(1)
            .contextTokens(256)
            .kvType(KvType.F32)
            .flashAttention(FlashAttention.OFF)
            .build();

    @Test
    void scoresOfEveryToken_areTheSecondEngines() throws IOException {
        LlamaReference reference = new LlamaReference(Fixtures.require("models/hf-stories260K"));
        try (LemModel model = LemModel.load(Fixtures.require("models/stories260K-f32.gguf"), EXACT)) {
            List<Integer> tokens = model.tokenize(
                    "Once upon a time, there was a little girl named Lily. She loved to play. \"Grüße\" 1+2",
                    true,
                    false);
            for (int length : List.of(1, 2, 7, tokens.size())) {
                expectEqual(model.logits(tokens.subList(0, length)), reference.logits(tokens.subList(0, length)));
            }
        }
    }

    @Test
    void aPromptSplitIntoSmallBatches_givesTheSameScores() throws IOException {
        LlamaReference reference = new LlamaReference(Fixtures.require("models/hf-stories260K"));
        ModelOptions small =
                EXACT.toBuilder().batchTokens(7).microBatchTokens(3).build();
        try (LemModel model = LemModel.load(Fixtures.require("models/stories260K-f32.gguf"), small)) {
            List<Integer> tokens =
                    model.tokenize("One day, Tim and his mom went to the park to see the big tree.", true, false);
            assertThat(tokens).hasSizeGreaterThan(14);
            expectEqual(model.logits(tokens), reference.logits(tokens));
        }
    }

    @Test
    void greedyTokens_areTheSecondEngines() throws IOException {
        LlamaReference reference = new LlamaReference(Fixtures.require("models/hf-stories260K"));
        try (LemModel model = LemModel.load(Fixtures.require("models/stories260K-f32.gguf"), EXACT)) {
            String prompt = "The dog was very happy because";
            Generation text = model.generate(
                    prompt, GenerationOptions.builder().maxTokens(20).build());
            List<Integer> tokens = new ArrayList<>(model.tokenize(prompt, true, false));
            for (int generated : text.tokens()) {
                assertThat(generated).isEqualTo(argmax(reference.logits(tokens)));
                tokens.add(generated);
            }
            assertThat(text.generatedTokens()).isEqualTo(20);
        }
    }

    private static int argmax(double[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }

    private static void expectEqual(float[] scores, double[] expected) {
        assertThat(scores).hasSameSizeAs(expected);
        for (int token = 0; token < scores.length; token++) {
            assertThat((double) scores[token]).as("token %d", token).isCloseTo(expected[token], within(1e-4));
        }
    }
}
