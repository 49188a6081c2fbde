package io.lethean.lem.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders of Hugging Face against what the pinned converter of llama.cpp writes. */
class ConvertIT {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama3-spm", "llama-bpe"})
    void everyValueAndEveryByte_isThatOfLlamaCppsConverter(String name) throws IOException {
        Path model = Fixtures.require("hf/" + name);
        Path output = folder.resolve("model.gguf");
        ConvertReport report =
                Convert.run(ConvertOptions.of(model, output).withType("bf16").withThreads(2));
        ExpectedGguf.assertSame(output, model);
        assertThat(report.tensors())
                .isEqualTo(Map.of("bf16", name.equals("llama-bpe") ? 15 : 16, "f32", name.equals("llama-bpe") ? 5 : 6));
    }
}
