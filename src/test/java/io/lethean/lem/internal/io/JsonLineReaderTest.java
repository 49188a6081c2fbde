package io.lethean.lem.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lethean.lem.MalformedDataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLineReaderTest {

    @TempDir
    private Path folder;

    @Test
    void lines_knowTheirNumberEndAndCompleteness() throws IOException {
        List<JsonLine> lines = lines(file("{\"a\": 1}\n\n  \r\n{\"b\": \"\u00e9\"}\r\n{\"c\""));

        assertThat(lines).extracting(JsonLine::number).containsExactly(1, 4, 5);
        assertThat(lines).extracting(JsonLine::end).containsExactly(9L, 27L, 31L);
        assertThat(lines).extracting(JsonLine::isComplete).containsExactly(true, true, false);
        assertThat(lines.get(1).object()).isEqualTo(Map.of("b", "\u00e9"));
    }

    @Test
    void lastLineWithoutLineFeed_isRead() throws IOException {
        assertThat(JsonLineReader.readAll(file("{\"a\": 1}\n{\"a\": 2}")))
                .isEqualTo(List.of(Map.of("a", 1L), Map.of("a", 2L)));
    }

    @Test
    void byteOrderMark_isSkipped() throws IOException {
        assertThat(JsonLineReader.readAll(file("\uFEFF{\"a\": 1}\n"))).isEqualTo(List.of(Map.of("a", 1L)));
    }

    @Test
    void lineSeparatorsOfUnicode_partNothing() throws IOException {
        assertThat(JsonLineReader.readAll(file("{\"a\": \"x\u2028y\u0085z\"}\n")))
                .isEqualTo(List.of(Map.of("a", "x\u2028y\u0085z")));
    }

    @Test
    void longLines_areReadAcrossBuffers() throws IOException {
        String text = "\u00e9".repeat(200_000);

        List<JsonLine> lines = lines(file("{\"a\": \"" + text + "\"}\n{\"a\": 2}\n"));

        assertThat(lines.get(0).object()).isEqualTo(Map.of("a", text));
        assertThat(lines.get(1).object()).isEqualTo(Map.of("a", 2L));
        assertThat(lines.get(1).end()).isEqualTo(400_010 + 9);
    }

    @Test
    void values_takeTheTypesOfPython() throws IOException {
        Map<String, Object> object = JsonLineReader.readAll(
                        file("{\"i\": 7, \"big\": 99999999999999999999, \"f\": 7.0, \"nan\": NaN, \"s\": \"\\ud800\"}"))
                .get(0);

        assertThat(PythonJson.write(object))
                .isEqualTo("{\"i\": 7, \"big\": 99999999999999999999, \"f\": 7.0, \"nan\": NaN, \"s\": \"\\ud800\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\": ", "[1]", "7", "{\"a\": 1} {\"b\": 2}", "{'a': 1}", "{\"a\": \"\t\"}", "hello"})
    void badLine_namesFileAndLine_andGoodOnesAreRead(String bad) throws IOException {
        Path file = file("{\"a\": 1}\n" + bad + "\n{\"a\": 3}\n");

        List<JsonLine> lines = lines(file);

        assertThatExceptionOfType(MalformedDataException.class)
                .isThrownBy(() -> lines.get(1).object())
                .withMessageStartingWith(file + ":2: this line ")
                .withMessageEndingWith(".");
        assertThat(lines.get(2).object()).isEqualTo(Map.of("a", 3L));
    }

    @Test
    void bytesThatAreNotUtf8_areRefused() throws IOException {
        Path file = Files.write(folder.resolve("x.jsonl"), new byte[] {'{', '"', (byte) 0xE9, '"', ':', '1', '}'});

        assertThatExceptionOfType(MalformedDataException.class)
                .isThrownBy(() -> JsonLineReader.readAll(file))
                .withMessage(file + ":1: this line is not UTF-8 text.");
    }

    @Test
    void deepNesting_isAnErrorAndNoStackOverflow() throws IOException {
        Path file = file("{\"a\": " + "[".repeat(1_000_000));

        assertThatExceptionOfType(MalformedDataException.class).isThrownBy(() -> JsonLineReader.readAll(file));
    }

    private static List<JsonLine> lines(Path file) throws IOException {
        List<JsonLine> lines = new ArrayList<>();
        try (JsonLineReader reader = new JsonLineReader(file)) {
            for (JsonLine line = reader.next(); line != null; line = reader.next()) {
                lines.add(line);
            }
        }
        return lines;
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("x.jsonl"), content, StandardCharsets.UTF_8);
    }
}
