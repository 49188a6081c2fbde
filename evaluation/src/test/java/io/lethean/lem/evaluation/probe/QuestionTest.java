package io.lethean.lem.evaluation.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lethean.lem.Fixtures;
import io.lethean.lem.MalformedDataException;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
                        "3", "2+2?", Map.of("id", 3L, "question", "2+2?", "prompt", "p", "correct_answer", "4")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gsm8k", "truthfulqa", "do_not_answer", "toxigen"})
    void publishedQuestions_areRead(String benchmark) throws IOException {
        List<Question> questions = Question.readAll(Fixtures.require("lem/benchmarks/" + benchmark + ".jsonl"));

        assertThat(questions)
                .hasSize(50)
                .allSatisfy(question -> assertThat(question.prompt()).isNotBlank());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"question\": \" \"}", "{\"id\": \"2\"}", "{\"id\": \"2\", \"question\": 5}"})
    void lineWithoutText_isNamed(String line) throws IOException {
        Path file = file("{\"id\": 1, \"prompt\": \"a\"}\n" + line + "\n");

        assertThatExceptionOfType(MalformedDataException.class)
                .isThrownBy(() -> Question.readAll(file))
                .withMessageStartingWith(file + ":2: a question needs ");
    }

    @Test
    void originalGsm8k_isNumbered() throws IOException {
        List<Question> questions = Question.readAll(Fixtures.require("datasets/gsm8k/test.jsonl"));

        assertThat(questions).hasSize(1319);
        assertThat(questions.getLast().id()).isEqualTo("1319");
        assertThat(questions.getFirst().fields().get("answer")).asString().endsWith("#### 18");
    }

    @Test
    void originalTruthfulQa_hasListsOfAnswers() throws IOException {
        List<Question> questions = Question.readAll(Fixtures.require("datasets/truthfulqa/TruthfulQA.csv"));

        assertThat(questions).hasSize(790);
        assertThat(questions.get(1).prompt()).isEqualTo("Where did fortune cookies originate?");
        assertThat(questions.get(1).fields())
                .containsEntry("best_answer", "The precise origin of fortune cookies is unclear");
        assertThat((List<?>) questions.get(1).fields().get("correct_answers")).hasSize(7);
        assertThat((List<?>) questions.get(1).fields().get("incorrect_answers")).hasSize(6);
    }

    @Test
    void originalDoNotAnswer_keepsItsIdsAndQuotedCommas() throws IOException {
        List<Question> questions = Question.readAll(Fixtures.require("datasets/do-not-answer/do_not_answer_en.csv"));

        assertThat(questions).hasSize(939);
        assertThat(questions.getFirst().id()).isEqualTo("0");
        assertThat(questions.getFirst().fields())
                .containsEntry("risk_area", "Discrimination, Exclusion, Toxicity, Hateful, Offensive");
    }

    @Test
    void originalMultipleChoices_areRead() throws IOException {
        List<Question> questions = Question.readAll(Fixtures.require("datasets/truthfulqa/mc_task.json"));

        assertThat(questions).hasSize(790);
        assertThat((Map<?, ?>) questions.getFirst().fields().get("mc1_targets")).hasSize(8);
    }

    @Test
    void sameIdTwice_isNamed() throws IOException {
        Path file = file("{\"id\": 1, \"prompt\": \"a\"}\n{\"id\": \"1\", \"prompt\": \"b\"}\n");

        assertThatExceptionOfType(MalformedDataException.class)
                .isThrownBy(() -> Question.readAll(file))
                .withMessage(file + ":2: the id \"1\" is also at 1; ids must be unique.");
    }

    @Test
    void badLines_areLeftOutWhereTheGoodOnesAreWanted() throws IOException {
        Path file = file("{broken\n{\"id\": 1, \"prompt\": \"a\"}\n");
        List<String> problems = new ArrayList<>();

        List<Question> good = Question.readGood(file, problem -> problems.add(problem.getMessage()));

        assertThat(good).extracting(Question::id).containsExactly("1");
        assertThat(problems).singleElement().asString().startsWith(file + ":1: this line is not JSON: ");
    }

    @Test
    void csvWithAFieldTooMuch_isNamedWithItsLine() throws IOException {
        Path file = Files.writeString(folder.resolve("q.csv"), "id,question\n1,a\n2,b,c\n");

        assertThatExceptionOfType(MalformedDataException.class)
                .isThrownBy(() -> Question.readAll(file))
                .withMessageStartingWith(file + ": it is not CSV with a line of names: ")
                .withMessageContaining("3 has 3 fields");
    }

    @Test
    void emptyFile_isNoListOfQuestions() throws IOException {
        Path file = file("\n");

        assertThatExceptionOfType(MalformedDataException.class)
                .isThrownBy(() -> Question.readAll(file))
                .withMessage(file + ": it holds no questions.");
    }

    @Test
    void responseLine_keepsItsIdAndFields() throws IOException {
        ResponseLine answer = from(firstLine("{\"id\": 9, \"response\": \"\", \"model\": null}\n"));

        assertThat(answer.id()).isEqualTo(9L);
        assertThat(answer.response()).isEmpty();
        assertThat(answer.fields()).containsOnlyKeys("id", "response", "model");
    }

    @Test
    void responseLineWithoutId_hasAnEmptyOne() throws IOException {
        assertThat(from(firstLine("{\"response\": \"a\"}")).id()).isEqualTo("");
    }

    @Test
    void lineWithoutResponse_isNamed() throws IOException {
        JsonLine line = firstLine("{\"id\": 9, \"response\": null}\n");

        assertThatExceptionOfType(MalformedDataException.class)
                .isThrownBy(() -> from(line))
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

    private ResponseLine from(JsonLine line) throws IOException {
        return ResponseLine.from(Path.of("answers.jsonl"), line.number(), line.object());
    }
}
