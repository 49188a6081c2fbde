package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.ChildJvm;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.adapter.RandomAdapter;
import io.lethean.lem.hub.HubServer;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link LemModel#load(String)}: in a process of its own, because environment variables name the hub and its cache. */
class LoadByNameIT {

    @TempDir
    Path folder;

    /** Loads a model and an adapter by their names, and prints an answer. */
    static final class Answer {

        private Answer() {}

        public static void main(String[] names) throws IOException {
            ModelOptions options = ModelOptions.builder().threads(1).build();
            try (LemModel model = LemModel.load(names[0], options)) {
                model.setAdapters(List.of(AdapterUse.of(names[1])));
                System.out.println("answer "
                        + model.generate(
                                        "Hello",
                                        GenerationOptions.builder()
                                                .maxTokens(8)
                                                .temperature(0)
                                                .build())
                                .tokens());
            }
        }
    }

    @Test
    void nameOnTheHub_isDownloadedOnce_andAPathIsReadAsItIs() throws IOException {
        Path model = folder.resolve("model.gguf");
        RandomModel.llama(2, 64, 4, 2, 96, 400).write(model, 1);
        Path adapter = RandomAdapter.write(folder.resolve("adapter.gguf"), model, 0.3, 1);
        try (HubServer server = new HubServer()) {
            server.repo("org/model").large("model.gguf", Files.readAllBytes(model));
            server.repo("org/adapter").large("adapter.gguf", Files.readAllBytes(adapter));
            Map<String, String> hub = Map.of(
                    "HF_ENDPOINT",
                    server.address().toString(),
                    "HF_HUB_CACHE",
                    folder.resolve("cache").toString());

            ChildJvm local = ChildJvm.run(hub, Answer.class, model.toString(), adapter.toString());
            assertThat(server.newLines()).as("a path uses no network").isEmpty();
            ChildJvm named = ChildJvm.run(hub, Answer.class, "hf:org/model", "hf:org/adapter");
            ChildJvm again = ChildJvm.run(hub, Answer.class, "hf:org/model", "hf:org/adapter");

            assertThat(answer(named)).as(named.output()).startsWith("answer [").isEqualTo(answer(local));
            assertThat(answer(again)).isEqualTo(answer(local));
            assertThat(named.output())
                    .contains("Downloading model.gguf: 0 bytes of ")
                    .contains("Downloaded model.gguf: ");
            assertThat(again.output()).doesNotContain("Download");
            assertThat(server.newLines())
                    .filteredOn(line -> line.contains("/cdn/"))
                    .hasSize(2);
        }
    }

    private static String answer(ChildJvm run) {
        return run.output()
                .lines()
                .filter(line -> line.startsWith("answer "))
                .findFirst()
                .orElse("");
    }
}
