package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.RandomBert;
import io.lethean.lem.model.Relevance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lem embed} and {@code lem rerank} with random encoders. */
class EmbedCommandIT {

    @TempDir
    Path folder;

    private Path embedder() throws IOException {
        return RandomBert.embedder().write(folder.resolve("bert.gguf"));
    }

    private Path reranker() throws IOException {
        return RandomBert.reranker().write(folder.resolve("reranker.gguf"));
    }

    private static void assertSame(JsonNode values, float[] expected) {
        assertThat(values.size()).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat((float) values.get(i).asDouble()).isEqualTo(expected[i]);
        }
    }

    @Test
    void linesOfStandardInput_becomeOneEmbeddingEach() throws IOException {
        Path model = embedder();
        CommandRun run = CommandRun.withInput("the cat\n\nsun\n", "embed", "-t", "1", "--model", model.toString());
        assertThat(run.code()).as(run.err()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(3);
        try (LemModel loaded = LemModel.load(model)) {
            List<float[]> expected = loaded.embed(List.of("the cat", "", "sun"));
            for (int i = 0; i < 3; i++) {
                assertSame(JsonMapper.shared().readTree(lines.get(i)), expected.get(i));
            }
        }
    }

    @Test
    void jsonNamesTheText_andOptionsReachTheModel() throws IOException {
        String model = embedder().toString();
        CommandRun run = CommandRun.of(
                "embed", "--model", model, "-t", "1", "--json", "--pooling", "cls", "--no-normalize", "--text", "sun");
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode line = JsonMapper.shared().readTree(run.out());
        assertThat(line.path("text").asString()).isEqualTo("sun");
        double square = 0;
        for (JsonNode value : line.path("embedding")) {
            square += value.asDouble() * value.asDouble();
        }
        assertThat(square).isNotCloseTo(1, within(0.01));
    }

    @Test
    void textThatIsTooLong_isASentence() throws IOException {
        CommandRun run =
                CommandRun.of("embed", "--model", embedder().toString(), "-t", "1", "--text", "cat ".repeat(50));
        assertThat(run.code()).isOne();
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("Text 1 of 1 has 52 tokens").contains("40 at most");
    }

    @Test
    void encoderAskedToChat_isASentence() throws IOException {
        CommandRun run = CommandRun.of("generate", "--model", embedder().toString(), "-t", "1", "--prompt", "the");
        assertThat(run.code()).isOne();
        assertThat(run.err()).contains("is an encoder");
    }

    @Test
    void documents_areInTheOrderOfTheirScores() throws IOException {
        Path model = reranker();
        List<String> documents = List.of("the mat is warm", "a dog ran far home", "sun");
        CommandRun run = CommandRun.withInput(
                String.join("\n", documents),
                "rerank",
                "--json",
                "-t",
                "1",
                "--model",
                model.toString(),
                "--query",
                "cat");
        assertThat(run.code()).as(run.err()).isZero();
        List<JsonNode> lines =
                run.out().lines().map(JsonMapper.shared()::readTree).toList();
        assertThat(lines).hasSize(3);
        try (LemModel loaded = LemModel.load(model)) {
            List<Relevance> expected = loaded.rerank("cat", documents);
            double last = Double.POSITIVE_INFINITY;
            for (JsonNode line : lines) {
                int index = line.path("index").asInt();
                assertThat(line.path("document").asString()).isEqualTo(documents.get(index));
                assertThat((float) line.path("score").asDouble())
                        .isEqualTo(expected.get(index).score());
                assertThat(line.path("score").asDouble()).isLessThanOrEqualTo(last);
                last = line.path("score").asDouble();
            }
        }
        CommandRun plain =
                CommandRun.of("rerank", "-t", "1", "--model", model.toString(), "--query", "cat", "--document", "sun");
        assertThat(plain.out()).matches("0\\.\\d{4} +-?\\d+\\.\\d{4}  sun\\R");
    }

    @Test
    void modelWithoutAHead_isRefusedForReranking() throws IOException {
        CommandRun run = CommandRun.of(
                "rerank", "--model", embedder().toString(), "-t", "1", "--query", "cat", "--document", "sun");
        assertThat(run.code()).isOne();
        assertThat(run.err()).contains("is not a reranker");
    }
}
