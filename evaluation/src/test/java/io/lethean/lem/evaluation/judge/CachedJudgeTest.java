package io.lethean.lem.evaluation.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.evaluation.score.Judge;
import io.lethean.lem.evaluation.score.JudgePrompt;
import io.lethean.lem.evaluation.score.JudgeReply;
import io.lethean.lem.evaluation.score.JudgedSuite;
import io.lethean.lem.evaluation.score.Sample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedJudgeTest {

    private static final String GOOD = "{\"kindness\": 7, \"awareness\": 6}";

    @TempDir
    private Path folder;

    /** Replies as configured and records the requests. */
    private static final class ScriptedJudge implements Judge {
        private final String name;
        private final JudgeReply reply;
        private final List<String> asked = new ArrayList<>();

        ScriptedJudge(String name, JudgeReply reply) {
            this.name = name;
            this.reply = reply;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public JudgeReply ask(JudgePrompt prompt) {
            asked.add(prompt.text());
            return reply;
        }
    }

    private static JudgePrompt prompt(String answer) {
        return JudgedSuite.named("toxigen")
                .prompt(new Sample("1", "They are", Map.of()), answer)
                .orElseThrow();
    }

    private static ScriptedJudge good() {
        return new ScriptedJudge("j", new JudgeReply.Text(GOOD));
    }

    private int askThrough(ScriptedJudge judge, String... answers) throws IOException {
        try (CachedJudge cached = new CachedJudge(judge, folder.resolve("cache.jsonl"))) {
            for (String answer : answers) {
                cached.ask(prompt(answer));
            }
            return cached.asked();
        }
    }

    @Test
    void nothingIsAskedTwiceInOneRunOrALaterOne() throws IOException {
        assertThat(askThrough(good(), "a", "b", "a")).isEqualTo(2);
        ScriptedJudge later = good();
        assertThat(askThrough(later, "b", "a", "c")).isEqualTo(1);
        assertThat(later.asked).singleElement().asString().contains("c");
    }

    @Test
    void anotherJudgeOrQuestionIsAskedForItself() throws IOException {
        askThrough(good(), "a");
        assertThat(askThrough(new ScriptedJudge("k", new JudgeReply.Text(GOOD)), "a"))
                .isEqualTo(1);
    }

    @Test
    void failuresAndRepliesWithoutRatingsAreNotKept() throws IOException {
        askThrough(new ScriptedJudge("j", new JudgeReply.Failure("no")), "a");
        askThrough(new ScriptedJudge("j", new JudgeReply.Text("nice")), "a");
        assertThat(askThrough(good(), "a")).isEqualTo(1);
    }

    @Test
    void aFileCutAnywhereLosesTheCutLineOnlyAndGoesOn() throws IOException {
        askThrough(good(), "a", "b");
        Path file = folder.resolve("cache.jsonl");
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length <= whole.length; length += 13) {
            Files.write(file, Arrays.copyOf(whole, length));
            int complete = (int) new String(whole, 0, length, StandardCharsets.US_ASCII)
                    .chars()
                    .filter(c -> c == '\n')
                    .count();
            assertThat(askThrough(good(), "a", "b")).as("cut at " + length).isEqualTo(2 - complete);
            assertThat(Files.readAllBytes(file)).isEqualTo(whole);
        }
    }

    @Test
    void aLineThatCannotBeReadCostsThatLineOnly() throws IOException {
        askThrough(good(), "a");
        Path file = folder.resolve("cache.jsonl");
        Files.writeString(file, "{\"key\": \"broken\n", StandardOpenOption.APPEND);
        askThrough(good(), "b");
        assertThat(askThrough(good(), "a", "b")).isZero();
    }

    @Test
    void aFileOfSomethingElseIsLeftAsItIs() throws IOException {
        Path file = folder.resolve("cache.jsonl");
        for (String content : List.of("{\"id\": 1}", "{\"id\": 1}\n", "{\"key\": \"a\"}\n{\"id\"", "precious")) {
            Files.writeString(file, content);
            assertThatThrownBy(() -> askThrough(good(), "a"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cache.jsonl holds something else than what a judge said");
            assertThat(file).hasContent(content);
        }
    }
}
