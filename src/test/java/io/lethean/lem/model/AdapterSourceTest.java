package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Background;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterFormat;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.adapter.RandomAdapter;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How adapters are found and read for a loaded model. */
class AdapterSourceTest {

    @TempDir
    Path folder;

    /**
     * The configuration is a pipe that is filled once: a second reading would wait for ever. The model's file is deleted
     * after its header was read: reading it again would fail.
     */
    @ParameterizedTest
    @EnumSource(names = {"PEFT", "MLX"})
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void adapterAndBaseHeader_areReadOnce(AdapterFormat format) throws Exception {
        Path model = folder.resolve("model.gguf");
        RandomModel.llama(1, 32, 2, 2, 64, 400).type(GgmlType.F32).write(model, 1);
        Path adapter = folder.resolve("adapter");
        ModelOutline outline = ModelOutline.read(model);
        AdapterFiles.write(RandomAdapter.of(model, 0.02, 7), outline, format, adapter, "base");
        GgufFile base = GgufFile.read(model);
        Files.delete(model);
        CompletableFuture<?> filled = turnIntoPipe(adapter.resolve("adapter_config.json"));

        try (AdapterSource source = AdapterSource.of(AdapterUse.of(adapter), base)) {
            assertThat(source.file().tensors()).hasSize(2 * (7 + 2));
        }
        assertThat(filled).succeedsWithin(5, TimeUnit.SECONDS);
    }

    private static CompletableFuture<?> turnIntoPipe(Path file) throws IOException, InterruptedException {
        byte[] content = Files.readAllBytes(file);
        Files.delete(file);
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "This system has no mkfifo.");
        assertThat(new ProcessBuilder("/usr/bin/mkfifo", file.toString())
                        .start()
                        .waitFor())
                .isZero();
        return Background.run(() -> {
            try {
                Files.write(file, content);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
