package io.lethean.lem.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random folders of every family, byte for byte the files that the pinned converter of llama.cpp writes for them. {@code
 * scripts/peers/check_convert.py} runs that converter and compares the hashes in the resources.
 */
class FamiliesIT {

    @TempDir
    private Path folder;

    static List<String> folders() throws IOException, URISyntaxException {
        Path resources = Path.of(
                Objects.requireNonNull(FamiliesIT.class.getResource("/convert")).toURI());
        try (Stream<Path> files = Files.list(resources)) {
            return files.map(file -> String.valueOf(file.getFileName()).replace(".json", ""))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("folders")
    void file_isThatOfLlamaCppsConverter(String name) throws IOException {
        RandomFolder random = RandomFolder.of(name);
        Path model = random.write(folder.resolve(name));
        assertThat(random.expected()).isNotEmpty();
        for (Map.Entry<String, String> expected : random.expected().entrySet()) {
            Path output = folder.resolve(name + ".gguf");
            Convert.run(
                    ConvertOptions.of(model, output).withType(expected.getKey()).withThreads(2));
            assertThat(Sha256.of(output)).as(expected.getKey()).isEqualTo(expected.getValue());
        }
    }

    @Test
    void severalFiles_giveTheFileThatOneGives() throws IOException {
        Path one = RandomFolder.of("llama").write(folder.resolve("one/llama"));
        Path three = RandomFolder.of("llama").files(3).write(folder.resolve("three/llama"));
        Convert.run(ConvertOptions.of(one, folder.resolve("one.gguf")));
        Convert.run(ConvertOptions.of(three, folder.resolve("three.gguf")));
        assertThat(folder.resolve("three.gguf")).hasSameBinaryContentAs(folder.resolve("one.gguf"));
    }

    @Test
    void everyFamily_hasAFolderHere() throws IOException, URISyntaxException {
        Set<String> classes = new HashSet<>();
        for (String name : folders()) {
            classes.add(RandomFolder.of(name).architecture());
        }
        for (Family family : Families.ALL) {
            if (family instanceof BertFamily) {
                // llama.cpp's converter refuses a random vocabulary. The peers' check converts a published model, and
                // CrossEncoderIT computes with random ones.
                continue;
            }
            assertThat(family.classes()).as(family.id()).anyMatch(classes::contains);
        }
    }
}
