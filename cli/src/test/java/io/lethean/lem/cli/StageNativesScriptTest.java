package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/stage-natives}: the content of a jar of natives. */
class StageNativesScriptTest {

    private static final String CLASSIFIER = "natives-of-a-test";
    private static final Path STAGED = Path.of("target/natives", CLASSIFIER);

    @TempDir
    private Path folder;

    private int status;

    private String stage() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("scripts/stage-natives", CLASSIFIER, "linux-riscv64", folder.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        status = process.waitFor();
        return output;
    }

    @AfterEach
    void removeStaged() throws IOException {
        if (Files.exists(STAGED)) {
            try (Stream<Path> files = Files.walk(STAGED)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Test
    void stagedFiles_areAModuleWithLibrariesAndLicences() throws Exception {
        Files.writeString(folder.resolve("index"), "0 liblem-llama.so\n");
        Files.writeString(folder.resolve("liblem-llama.so"), "x");

        assertThat(stage()).isEmpty();
        assertThat(status).isZero();
        ModuleDescriptor descriptor = ModuleFinder.of(STAGED)
                .find("io.lethean.lem.natives.linux.riscv64")
                .orElseThrow()
                .descriptor();
        assertThat(descriptor.isAutomatic()).isFalse();
        assertThat(descriptor.rawVersion()).isPresent();
        try (Stream<Path> files = Files.walk(STAGED)) {
            Set<String> names = files.filter(Files::isRegularFile)
                    .map(file -> STAGED.relativize(file).toString().replace('\\', '/'))
                    .collect(Collectors.toSet());
            assertThat(names)
                    .containsExactlyInAnyOrder(
                            "module-info.class",
                            "META-INF/LICENSE",
                            "META-INF/NOTICE",
                            "META-INF/licenses/llama.cpp/LICENSE",
                            "META-INF/licenses/llama.cpp/AUTHORS",
                            "io/lethean/lem/natives/linux-riscv64/index",
                            "io/lethean/lem/natives/linux-riscv64/liblem-llama.so");
        }
    }

    @Test
    void folderWithoutLibraries_isASentence() throws Exception {
        assertThat(stage()).contains(folder + " holds no libraries").contains("native/build.sh");
        assertThat(status).isEqualTo(1);
        assertThat(STAGED).doesNotExist();
    }
}
