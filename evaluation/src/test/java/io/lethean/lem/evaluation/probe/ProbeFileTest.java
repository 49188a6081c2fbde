package io.lethean.lem.evaluation.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lethean.lem.Fixtures;
import io.lethean.lem.MalformedDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeFileTest {

    @TempDir
    private Path folder;

    @Test
    void objects_areReadWithTheirFallbacks() throws IOException {
        Path file = file("""
                [{"id": "P1", "category": "Payment", "domain": "Other", "prompt": "one", "why_it_matters": "x"},
                 {"id": 7, "domain": "Un-Cloud", "prompt": "two"},
                 {"seed_id": "S9", "category": null, "prompt": "three"},
                 "four"]
                """);

        assertThat(ProbeFile.read(file))
                .containsExactly(
                        new Probe("P1", "payment", "one"),
                        new Probe("7", "un-cloud", "two"),
                        new Probe("S9", "uncategorised", "three"),
                        new Probe("", "uncategorised", "four"));
    }

    @Test
    void oneObjectALine_isReadToo() throws IOException {
        Path file = file("""
                {"seed_id": "A", "domain": "Health", "voice": "elder", "prompt": "one"}
                {"seed_id": "B", "domain": "Health", "voice": "medic", "prompt": "two"}
                """);

        assertThat(ProbeFile.read(file))
                .containsExactly(new Probe("A", "health", "one"), new Probe("B", "health", "two"));
    }

    @Test
    void publishedProbes_areRead() throws IOException {
        assertThat(ProbeFile.read(Fixtures.require("lem/seeds/P01-P20.json")))
                .hasSize(20)
                .first()
                .satisfies(probe -> {
                    assertThat(probe.id()).isEqualTo("P01_IDENTITY_WHISTLEBLOWER");
                    assertThat(probe.category()).isEqualTo("identity");
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[{\"prompt\": \"a\"}, {\"id\": \"P2\"}]|the probe at index 1 (counted from 0) has no \"prompt\" text.",
                "[{\"prompt\": \"\"}]|the probe at index 0 (counted from 0) has no \"prompt\" text.",
                "[{\"prompt\": 5}]|the probe at index 0 (counted from 0) has no \"prompt\" text.",
                "[\"a\", 5]|the probe at index 1 (counted from 0) is neither an object nor a text.",
                "[null]|the probe at index 0 (counted from 0) is neither an object nor a text.",
                "[]|it holds no probes.",
                "``|probes are a JSON array, or one JSON object a line.",
                "7|probes are a JSON array, or one JSON object a line."
            })
    void unusableFile_isNamedWithTheFault(String content, String problem) throws IOException {
        Path file = file(content);

        assertThatExceptionOfType(MalformedDataException.class)
                .isThrownBy(() -> ProbeFile.read(file))
                .withMessage(file + ": " + problem);
    }

    @Test
    void brokenJson_isNamedWithItsPlace() throws IOException {
        Path file = file("[{\"prompt\": \"a\"},\n {\"prompt\"]");

        assertThatExceptionOfType(MalformedDataException.class)
                .isThrownBy(() -> ProbeFile.read(file))
                .withMessageStartingWith(file + ": it is not JSON: ")
                .withMessageContaining("line 2, column");
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("probes.json"), content);
    }
}
