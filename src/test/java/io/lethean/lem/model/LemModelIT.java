package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LemModelIT {

    static final ModelOptions ONE_THREAD = ModelOptions.builder().threads(1).contextTokens(512).build();

    @Test
    void greedyText_equalsTheIndependentEngines() throws IOException {
        Path path = Fixtures.require("models/stories260K-f32.gguf");
        String expected = Files.readString(Fixtures.require("models/stories260K-greedy.txt"));
        try (LemModel model = LemModel.load(path, ONE_THREAD)) {
            Generation text = model.generate("Once upon a time", GenerationOptions.builder().maxTokens(120).build());
            assertThat(expected).startsWith("Once upon a time" + text.text());
        }
    }
}
