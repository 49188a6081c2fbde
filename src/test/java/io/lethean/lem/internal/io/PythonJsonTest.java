package io.lethean.lem.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.Fixtures;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PythonJsonTest {

    /** The right-hand sides are what Python 3 prints. */
    @ParameterizedTest
    @CsvSource({
        "6, 6.0",
        "-19, -19.0",
        "0, 0.0",
        "-0.0, -0.0",
        "0.1, 0.1",
        "0.30000000000000004, 0.30000000000000004",
        "20.47, 20.47",
        "0.0001, 0.0001",
        "0.00001, 1e-05",
        "0.000012345, 1.2345e-05",
        "1e15, 1000000000000000.0",
        "9999999999999998, 9999999999999998.0",
        "1e16, 1e+16",
        "12345678901234567890, 1.2345678901234567e+19",
        "1e22, 1e+22",
        "1e23, 1e+23",
        "2e23, 2e+23",
        "1e100, 1e+100",
        "1.7976931348623157e308, 1.7976931348623157e+308",
        "2.2250738585072014e-308, 2.2250738585072014e-308",
        "5e-324, 5e-324",
        "1e-323, 1e-323",
        "1.5e-323, 1.5e-323",
        "123456.789, 123456.789",
        "NaN, NaN",
        "Infinity, Infinity",
        "-Infinity, -Infinity"
    })
    void numbers_takePythonsForm(double value, String python) {
        assertThat(PythonJson.write(value)).isEqualTo(python);
    }

    @Test
    void text_isEscapedAsInPython() {
        assertThat(PythonJson.write("a\"b\\c/\n\r\t\f\b\u0000\u001f\u007f~ \u00e9\u2014\u2028\uD83D\uDE00\uD800"))
                .isEqualTo("\"a\\\"b\\\\c/\\n\\r\\t\\f\\b\\u0000\\u001f\\u007f~ \\u00e9\\u2014\\u2028"
                        + "\\ud83d\\ude00\\ud800\"");
    }

    @Test
    void containers_keepOrderAndPythonsSeparators() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("z", Arrays.asList(1L, 2, 0.5, true, false, null, BigInteger.TWO.pow(70)));
        object.put("a", Map.of());
        object.put("", List.of());

        assertThat(PythonJson.write(object))
                .isEqualTo("{\"z\": [1, 2, 0.5, true, false, null, 1180591620717411303424], \"a\": {}, \"\": []}");
    }

    @Test
    void otherTypes_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PythonJson.write(List.of(Instant.EPOCH)))
                .withMessageContaining("java.time.Instant");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ab-p100-lek-gemma3-1b-mlxlm.selected.jsonl",
                "do_not_answer_lem_ethics.jsonl",
                "gsm8k_base_pt.jsonl",
                "toxigen_lem_ethics.jsonl"
            })
    void recordedLines_areWrittenByteForByte(String name) throws IOException {
        Path file = Fixtures.require("lem/results").resolve(name);

        List<String> written =
                JsonLineReader.readAll(file).stream().map(PythonJson::write).toList();

        assertThat(written).isEqualTo(Files.readAllLines(file));
    }
}
