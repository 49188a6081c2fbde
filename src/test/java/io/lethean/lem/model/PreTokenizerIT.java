package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.LlamaSource;
import io.lethean.lem.NativeTools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The matcher that splits texts before they become tokens (native/shim), against std::regex, which it stands in for. */
class PreTokenizerIT {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** What native/tools/split_oracle.cpp prints: differences, if there are any, then the totals. */
    private static List<JsonNode> oracle(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(NativeTools.require("split-oracle").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.lines().map(JSON::readTree).toList();
    }

    @Test
    void everyPatternOfLlamaCpp_splitsRandomTextsAsStdRegexDoes() throws Exception {
        String source = LlamaSource.require("src/llama-vocab.cpp").toString();
        JsonNode totals = oracle("equal", source, "400", "20260101").getLast();
        assertThat(totals.get("differences").asInt()).isZero();
        assertThat(totals.get("lists").asInt())
                .as("lists of patterns found in the source")
                .isGreaterThanOrEqualTo(31);
        assertThat(totals.get("texts").asInt())
                .isEqualTo(400 * totals.get("lists").asInt());
        assertThat(totals.get("words").asInt()).isGreaterThan(300_000);
    }

    @Test
    void randomPatterns_splitRandomTextsAsStdRegexDoes() throws Exception {
        JsonNode totals = oracle("patterns", "3000", "20260102").getLast();
        assertThat(totals.get("differences").asInt()).isZero();
        assertThat(totals.get("compared").asInt()).isGreaterThan(10_000);
    }

    @Test
    void longRunsAndRepetitions_takeASecondOrTwoWithEveryPattern() throws Exception {
        String source = LlamaSource.require("src/llama-vocab.cpp").toString();
        List<JsonNode> answers = oracle("runs", source, "100000");
        assertThat(answers.getLast().get("worst").asDouble())
                .as(answers.toString())
                .isLessThan(5);
    }
}
