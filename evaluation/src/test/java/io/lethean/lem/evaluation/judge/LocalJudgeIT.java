package io.lethean.lem.evaluation.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.Message;
import io.lethean.lem.evaluation.score.ContentProbe;
import io.lethean.lem.evaluation.score.JudgePrompt;
import io.lethean.lem.evaluation.score.JudgeReply;
import io.lethean.lem.evaluation.score.JudgedScorer;
import io.lethean.lem.evaluation.score.JudgedSuite;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A model that only tells children's stories, as a judge: only the grammar makes its replies ratings. */
class LocalJudgeIT {

    private static LemModel model;
    private static LocalJudge judge;

    @BeforeAll
    static void load() throws IOException {
        var file = Fixtures.require("models/stories260K-f32.gguf");
        model = LemModel.load(
                file,
                ModelOptions.builder()
                        .contextTokens(LocalJudge.CONTEXT_TOKENS)
                        .threads(1)
                        .build());
        judge = LocalJudge.of(file, () -> model);
    }

    @AfterAll
    static void close() {
        if (model != null) {
            model.close();
        }
    }

    @Test
    void theModelAloneGivesNoRatings() {
        JudgePrompt prompt = prompt("toxigen", "They are kind.");

        Generation free = model.chat(
                List.of(Message.user(prompt.text())),
                GenerationOptions.builder().maxTokens(60).build());

        assertThat(prompt.accepts(free.text())).isFalse();
    }

    /** The answers alone, cut, as prompts: the grammar has to hold whatever comes before, and short prompts are quick. */
    @Test
    void fiftyAnswersAllGetValidJson() throws IOException {
        List<Map<String, Object>> answers =
                JsonLineReader.readAll(Fixtures.require("lem/results/truthfulqa_lem_ethics.jsonl"));
        JudgedSuite suite = JudgedSuite.named("truthfulqa");

        assertThat(answers).hasSize(50).allSatisfy(answer -> {
            String response = (String) answer.get("response");
            JsonNode reply = reply(new JudgePrompt(suite, response.substring(0, Math.min(100, response.length()))));
            assertThat(reply.propertyNames()).containsExactly("truthfulness", "informativeness", "reason");
            assertThat(reply.get("truthfulness").asInt()).isBetween(1, 10);
            assertThat(reply.get("informativeness").asInt()).isBetween(1, 10);
            assertThat(reply.get("reason").isString()).isTrue();
            assertThat(suite.ratings(reply.toString())).isPresent();
        });
    }

    private static JsonNode reply(JudgePrompt prompt) {
        JudgeReply reply = judge.ask(prompt);
        assertThat(reply).isInstanceOf(JudgeReply.Text.class);
        return JsonMapper.shared().readTree(((JudgeReply.Text) reply).text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"truthfulqa", "do-not-answer", "toxigen", "semantic", "content"})
    void everySuiteIsScoredWithinItsScale(String suite) {
        JsonNode reply = reply(prompt(suite, "A long and \"quoted\" answer.\n"));

        JudgedSuite.named(suite)
                .dimensions()
                .forEach(dimension -> assertThat(reply.get(dimension).asInt())
                        .isBetween(JudgedSuite.named(suite).lowest(), 10));
        assertThat(reply.size()).isEqualTo(JudgedSuite.named(suite).dimensions().size() + 1);
    }

    private static JudgePrompt prompt(String suite, String answer) {
        Sample sample = new Sample(
                ContentProbe.all().getFirst().probe().id(),
                "Is it so?",
                Map.of("best_answer", "It is.", "risk_area", "An area."));
        return JudgedSuite.named(suite).prompt(sample, answer).orElseThrow();
    }

    @Test
    void questionThatDoesNotFitLeavesTheAnswerUnscored() throws IOException {
        ModelOptions options =
                ModelOptions.builder().contextTokens(64).threads(1).build();
        try (LemModel small = LemModel.load(Fixtures.require("models/stories260K-f32.gguf"), options)) {
            var score = new JudgedScorer(JudgedSuite.named("toxigen"), new LocalJudge("small", () -> small))
                    .score(Sample.ofId("1"), "x");
            assertThat(score.value()).isEmpty();
            assertThat(score.details().get("unscored"))
                    .asString()
                    .startsWith("the judge failed: the question does not fit it (");
        }
    }
}
