package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** YAML as configurations have it, and what is refused because none needs it. */
class YamlFileTest {

    @TempDir
    Path folder;

    private Path file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("c.yaml"), yaml);
    }

    private void assertRefused(String yaml, String sentence) throws IOException {
        Path file = file(yaml);
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThatThrownBy(() -> YamlFile.read(file))
                        .isInstanceOf(IOException.class)
                        .hasMessageStartingWith(file + " cannot be read as YAML: ")
                        .hasMessageContaining(sentence)
                        .hasMessageEndingWith(".")
                        .hasMessageNotContaining(".."));
    }

    @Test
    void plainValues_areWhatJsonHas() throws IOException {
        JsonNode read = YamlFile.read(file("""
                # comment
                model: "a: b"
                rate: 1e-5
                iters: 1_000
                count: 12
                on: true
                nothing: null
                empty:
                list: [1, two, 3.5]
                deep:
                  - name: x
                """));

        assertThat(read).isEqualTo(JsonMapper.shared().readTree("""
                {"model": "a: b", "rate": 1e-5, "iters": "1_000", "count": 12, "on": true, "nothing": null,
                 "empty": null, "list": [1, "two", 3.5], "deep": [{"name": "x"}]}
                """));
    }

    @Test
    void aliases_areRefused_beforeTheyAreExpanded() throws IOException {
        StringBuilder laughs = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 30; i++) {
            String alias = "*a" + (i - 1);
            laughs.append("a").append(i).append(": &a").append(i).append(" [");
            laughs.append(String.join(", ", java.util.Collections.nCopies(9, alias)))
                    .append("]\n");
        }

        assertRefused(laughs.toString(), "the alias *a0 is not supported; write the value again (line 2, column 10)");
        assertRefused("a: &a\n  b: *a\n", "the alias *a is not supported");
        assertRefused("a: &a 1\nb: *a\n", "the alias *a is not supported");
    }

    @Test
    void tagsOfObjects_areRefused() throws IOException {
        assertRefused("a: !!javax.script.ScriptEngineManager [x]\n", "the tag tag:yaml.org,2002:javax.script");
        assertRefused(
                "a: !!python/object:os.system ls\n", "is not supported; only plain values are (line 1, column 4)");
        assertRefused("a: !!binary aGk=\n", "the tag tag:yaml.org,2002:binary is not supported");
    }

    @Test
    void whatIsAmbiguousOrTooLarge_isRefused() throws IOException {
        assertRefused("iters: 1\niters: 2\n", "duplicate key iters");
        assertRefused("1: one\n", "the key 1 is not a text");
        assertRefused("? [a, b]\n: one\n", "on scalar key is detected");
        assertRefused("a: 1\n---\na: 2\n", "it contains several documents");
        assertRefused("[".repeat(100_000), "it is nested more than 32 levels deep");
        assertRefused("a: " + "x".repeat(1 << 20), "it is larger than 1 MiB");
        assertRefused("a: [1, 2\nb: 3\n", "(line 2, column");
        assertRefused("a: \"open\n", "(line");
    }

    @Test
    void bytesThatAreNotUtf8_areRefused() throws IOException {
        Path file = Files.write(folder.resolve("c.yml"), "a: é".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> YamlFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessage(file + " cannot be read as YAML: it is not UTF-8 text.");
    }

    @Test
    void suffixTellsYaml() {
        assertThat(YamlFile.isNamedSo(Path.of("a.YAML"))).isTrue();
        assertThat(YamlFile.isNamedSo(Path.of("a.yml"))).isTrue();
        assertThat(YamlFile.isNamedSo(Path.of("a.json"))).isFalse();
    }
}
