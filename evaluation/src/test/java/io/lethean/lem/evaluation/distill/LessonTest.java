package io.lethean.lem.evaluation.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.Message;
import io.lethean.lem.evaluation.distill.Lesson.Dedup;
import io.lethean.lem.evaluation.distill.Lesson.Example;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Paraphrases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LessonTest {

    @TempDir
    private Path folder;

    private static String line(String probe, double score, String answer) {
        return String.format(
                Locale.ROOT,
                "{\"type\": \"training\", \"training\": {\"messages\": [{\"role\": \"user\", \"content\": \"About %s?\"},"
                        + " {\"role\": \"assistant\", \"content\": \"%s\"}]}, \"meta\": {\"probe_id\": \"%s\","
                        + " \"lek_score\": %s}}",
                probe,
                answer,
                probe,
                score);
    }

    private Path file(String... lines) throws IOException {
        return Files.writeString(folder.resolve("raw.jsonl"), String.join("\n", lines) + "\n");
    }

    private static LessonOptions options(Dedup dedup, int valid, int test, long seed) {
        return new LessonOptions(
                dedup, valid, test, seed, Double.NEGATIVE_INFINITY, Optional.empty(), Optional.empty());
    }

    private static List<String> answers(List<Example> examples) {
        return examples.stream()
                .map(example -> example.messages().getLast().content())
                .toList();
    }

    @Test
    void dedupTakesTheBestAllOrTheFirst_sortedByProbe() throws IOException {
        Path raw = file(
                line("P2", 30, "c"),
                line("P1", 24, "a1"),
                line("P1", 26, "a2"),
                line("P1", 26, "a3"),
                "{\"type\": \"summary\", \"total_kept\": 4}");

        assertThat(answers(Lesson.of(List.of(raw), options(Dedup.BEST, 0, 0, 1)).train()))
                .containsExactly("a2", "c");
        assertThat(answers(Lesson.of(List.of(raw), options(Dedup.ALL, 0, 0, 1)).train()))
                .containsExactly("a1", "a2", "a3", "c");
        assertThat(answers(
                        Lesson.of(List.of(raw), options(Dedup.FIRST, 0, 0, 1)).train()))
                .containsExactly("a1", "c");
    }

    private Path hundred() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            lines.add(line("P" + i, 25, "plain"));
            lines.add(line("P" + i, 25, "again"));
            lines.add(line("P" + i + "_R_PERS", 25, "turned"));
        }
        return file(lines.toArray(String[]::new));
    }

    private static Set<String> sources(List<Example> examples) {
        Set<String> sources = new HashSet<>();
        examples.forEach(example -> sources.add(Paraphrases.source(example.probe())));
        return sources;
    }

    @Test
    void probesAndTheirParaphrases_areNeverParted() throws IOException {
        Lesson lesson = Lesson.of(List.of(hundred()), options(Dedup.ALL, 10, 20, 42));

        assertThat(sources(lesson.valid())).hasSize(10).doesNotContainAnyElementsOf(sources(lesson.train()));
        assertThat(sources(lesson.test()))
                .hasSize(18)
                .doesNotContainAnyElementsOf(sources(lesson.train()))
                .doesNotContainAnyElementsOf(sources(lesson.valid()));
        assertThat(Stream.of(lesson.train(), lesson.valid(), lesson.test())
                        .mapToInt(List::size)
                        .sum())
                .isEqualTo(300);
        assertThat(lesson.valid()).hasSize(30);
    }

    @Test
    void theSeed_decidesThePartsAndNothingElse() throws IOException {
        Path raw = hundred();
        Lesson first = Lesson.of(List.of(raw), options(Dedup.ALL, 10, 10, 42));

        assertThat(Lesson.of(List.of(raw), options(Dedup.ALL, 10, 10, 42))).isEqualTo(first);
        assertThat(sources(
                        Lesson.of(List.of(raw), options(Dedup.ALL, 10, 10, 43)).test()))
                .isNotEqualTo(sources(first.test()));
    }

    @Test
    void answerWithWeightZero_isReportedAndNotLearned() throws IOException {
        String turn = "{\"messages\": [{\"role\": \"user\", \"content\": \"Q\"},"
                + " {\"role\": \"assistant\", \"content\": \"%s\", \"weight\": %d},"
                + " {\"role\": \"assistant\", \"content\": \"B\"}]}";
        Path raw = file(String.format(Locale.ROOT, turn, "bad", 0), String.format(Locale.ROOT, turn, "good", 1));

        Lesson lesson = Lesson.of(List.of(raw), options(Dedup.ALL, 0, 0, 1));

        assertThat(lesson.train())
                .singleElement()
                .satisfies(example ->
                        assertThat(example.messages().get(1).content()).isEqualTo("good"));
        assertThat(lesson.problems())
                .singleElement()
                .asString()
                .contains(":1: ")
                .contains("has one with weight 0");
    }

    @Test
    void trainingFiles_areParted_andWhatCannotBeReadIsReported() throws IOException {
        Path raw = file(
                "{\"messages\": [{\"role\": \"user\", \"content\": \"Q\"}, {\"role\": \"assistant\", \"content\": \"A\"}]}",
                "{\"messages\": []}",
                "{\"text\": \"no turns\"}",
                "oops");

        Lesson lesson = Lesson.of(List.of(raw), LessonOptions.defaults());

        assertThat(lesson.train())
                .singleElement()
                .satisfies(example -> assertThat(example.line())
                        .isEqualTo("{\"messages\": [{\"role\": \"user\", \"content\": \"Q\"},"
                                + " {\"role\": \"assistant\", \"content\": \"A\"}]}\n"));
        assertThat(lesson.problems())
                .satisfiesExactly(
                        problem -> assertThat(problem).contains("raw.jsonl:2: messages should be a list of turns"),
                        problem -> assertThat(problem).contains("raw.jsonl:3: a lesson is made of conversations"),
                        problem -> assertThat(problem).contains("raw.jsonl:4: this line is not JSON"));
    }

    @Test
    void aSandwich_isKernelPromptAndSignatureInOneTurn() throws IOException {
        LessonOptions options = new LessonOptions(
                Dedup.BEST, 0, 0, 1, 25, Optional.of(Kernel.ofText("k", "Be kind.\n")), Optional.of("- J. A."));

        Lesson lesson = Lesson.of(List.of(file(line("P1", 25, "a"), line("P2", 24.9, "b"))), options);

        assertThat(lesson.train())
                .singleElement()
                .satisfies(example -> assertThat(example.messages())
                        .containsExactly(Message.user("Be kind.\n\nAbout P1?\n\n- J. A."), Message.assistant("a")));
    }

    @Test
    void optionsThatLeaveNothing_areRefused() throws IOException {
        Path raw = file(line("P1", 25, "a"));
        LessonOptions high = new LessonOptions(Dedup.ALL, 0, 0, 1, 99, Optional.empty(), Optional.empty());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> options(Dedup.ALL, 60, 40, 1))
                .withMessageContaining("leave nothing to learn from");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LessonOptions(Dedup.ALL, 5, 5, 1, 0, Optional.empty(), Optional.of("x")))
                .withMessageContaining("needs a kernel");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lesson.of(List.of(raw), high))
                .withMessageStartingWith("There are no examples in");
        assertThat(Lesson.of(List.of(raw), LessonOptions.defaults()).train()).hasSize(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lesson.of(List.of(file("{")), LessonOptions.defaults()))
                .withMessageContaining("raw.jsonl:1: this line is not JSON");
    }
}
