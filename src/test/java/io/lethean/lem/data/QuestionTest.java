package io.lethean.lem.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lethean.lem.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuestionTest {

    @TempDir
    private Path folder;

    @Test
    void line_givesIdTextAndFields() throws IOException {
        Path file = file(
                "{\"id\": 3, \"question\": \"2+2?\", \"prompt\": \"p\", \"correct_answer\": \"4\", \"x\": null}\n");

        assertThat(Question.readAll(file))
                .containsExactly(new Question(
                        "3",
                        "2+2?",
                        Map.of("id", 3L, "question", "2+2?", "prompt", "p", "correct_answer", "4")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gsm8k", "truthfulqa", "do_not_answer", "toxigen"})
    void publishedQuestions_areRead(String benchmark) throws IOException {
        List<Question> questions = Question.readAll(Fixtures.require("lem/benchmarks/" + benchmark + ".jsonl"));

        assertThat(questions).hasSize(50).allSatisfy(question -> assertThat(question.prompt()).isNotBlank());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"question\": \"a\"}", "{\"id\": \"1\"}", "{\"id\": \"1\", \"question\": 5}"})
    void lineWithoutIdOrText_isNamed(String line) throws IOException {
        Path file = file("{\"id\": 1, \"prompt\": \"a\"}\n" + line + "\n");

        assertThatExceptionOfType(MalformedDataException.class)
                .isThrownBy(() -> Question.readAll(file))
                .withMessageStartingWith(file + ":2: a question needs ");
    }

    @Test
    void responseLine_keepsItsIdAndFields() throws IOException {
        ResponseLine answer = ResponseLine.from(firstLine("{\"id\": 9, \"response\": \"\", \"model\": null}\n"));

        assertThat(answer.id()).isEqualTo(9L);
        assertThat(answer.response()).isEmpty();
        assertThat(answer.fields()).containsOnlyKeys("id", "response", "model");
    }

    @Test
    void responseLineWithoutId_hasAnEmptyOne() throws IOException {
        assertThat(ResponseLine.from(firstLine("{\"response\": \"a\"}")).id()).isEqualTo("");
    }

    @Test
    void lineWithoutResponse_isNamed() throws IOException {
        JsonLine line = firstLine("{\"id\": 9, \"response\": null}\n");

        assertThatExceptionOfType(MalformedDataException.class)
                .isThrownBy(() -> ResponseLine.from(line))
                .withMessageContaining(":1: an answer needs a text as \"response\".");
    }

    private JsonLine firstLine(String content) throws IOException {
        try (JsonLineReader reader = new JsonLineReader(file(content))) {
            return reader.next();
        }
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("lines.jsonl"), content);
    }
}
