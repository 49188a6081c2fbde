package io.lethean.lem.evaluation.judge;

import static io.lethean.lem.evaluation.judge.FlakyServer.gemini;
import static io.lethean.lem.evaluation.judge.FlakyServer.stalling;
import static io.lethean.lem.evaluation.judge.FlakyServer.status;
import static io.lethean.lem.evaluation.judge.FlakyServer.text;
import static io.lethean.lem.evaluation.judge.FlakyServer.truncated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.evaluation.JudgeException;
import io.lethean.lem.evaluation.score.Judge;
import io.lethean.lem.evaluation.score.JudgeReply;
import io.lethean.lem.evaluation.score.JudgedScorer;
import io.lethean.lem.evaluation.score.JudgedSuite;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Score;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HttpJudgeTest {

    private static final JudgeOptions QUICK = new JudgeOptions(
            4, Duration.ofMillis(1), Duration.ofMillis(20), Duration.ofSeconds(5), Duration.ZERO, 64, 3);
    private static final String GOOD = "{\"truthfulness\": 8, \"informativeness\": 3, \"reason\": \"ok\"}";
    private static final Sample QUESTION = new Sample("1", "Is it?", Map.of("best_answer", "It is."));

    private static Judge judge(FlakyServer server) {
        return OpenAiJudge.of(server.address(), "m", null, QUICK);
    }

    private static Score score(Judge judge) {
        return new JudgedScorer(JudgedSuite.named("truthfulqa"), judge).score(QUESTION, "It is so.");
    }

    @Test
    void troubleIsWaitedOutAndTheReplyCounts() throws IOException {
        try (FlakyServer server =
                new FlakyServer(status(429, "slow down"), status(500, "oops"), truncated(), text(GOOD))) {
            Score score = score(judge(server));
            assertThat(score.value()).hasValue(5.5);
            assertThat(score.details()).containsEntry("truthfulness", 8L).containsEntry("informativeness", 3L);
            assertThat(server.requests).hasSize(4);
        }
    }

    @Test
    void slowServersAreLeftAndAskedAgain() throws IOException {
        try (FlakyServer server = new FlakyServer(stalling(), text(GOOD))) {
            long begin = System.nanoTime();
            assertThat(score(OpenAiJudge.of(server.address(), "m", null, QUICK.withTimeout(Duration.ofSeconds(1))))
                            .value())
                    .hasValue(5.5);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(FlakyServer.STALL);
        }
    }

    @Test
    void bodiesThatAreNotJsonAndRepliesWithoutRatingsAreAskedForAgain() throws IOException {
        try (FlakyServer server =
                new FlakyServer(status(200, "<html>"), status(200, "[]"), text("I like it."), text(GOOD))) {
            assertThat(score(judge(server)).value()).hasValue(5.5);
            assertThat(server.requests).hasSize(4);
        }
    }

    @Test
    void aJudgeThatNeverRatesLeavesTheAnswerUnscored() throws IOException {
        try (FlakyServer server = new FlakyServer(text("I like it very much."))) {
            Score score = score(judge(server));
            assertThat(score.value()).isEmpty();
            assertThat(score.details().get("unscored").toString()).endsWith("no usable ratings: I like it very much.");
        }
    }

    @Test
    void lastingTroubleIsAFailureAndThenTheEnd() throws IOException {
        try (FlakyServer server = new FlakyServer(status(503, "down"))) {
            Judge judge = judge(server);
            assertThat(score(judge).details())
                    .containsEntry("unscored", "the judge failed: it answered with status 503: down");
            assertThat(score(judge).value()).isEmpty();
            assertThatThrownBy(() -> score(judge))
                    .isInstanceOf(JudgeException.class)
                    .hasMessage("The judge m at " + server.address() + "/v1/chat/completions failed for 3 answers in a"
                            + " row, the last time because it answered with status 503: down; try again later. Its"
                            + " replies so far are kept.");
            assertThat(server.requests).hasSize(12);
        }
    }

    @Test
    void aDeadJudgeIsNamedInOneSentence() throws IOException {
        String address;
        try (FlakyServer server = new FlakyServer(text(GOOD))) {
            address = server.address();
        }
        Judge judge = OpenAiJudge.of(address, "m", null, QUICK);
        assertThatThrownBy(() -> score(judge))
                .isInstanceOf(JudgeException.class)
                .hasMessage("Nobody answers at %s, where the judge m was expected; start it, or check the address."
                        .formatted(URI.create(address).getAuthority()));
    }

    @Test
    void aRefusedKeyEndsTheRunAndIsNotQuoted() throws IOException {
        try (FlakyServer server = new FlakyServer(status(403, "the key s3cret-key is not valid"))) {
            Judge judge = GeminiJudge.of(URI.create(server.address()), "gemini-x", "s3cret-key", QUICK);
            assertThatThrownBy(() -> score(judge))
                    .isInstanceOf(JudgeException.class)
                    .hasMessageContaining("status 403: the key [key] is not valid")
                    .hasMessageNotContaining("s3cret")
                    .hasNoCause();
            assertThat(server.requests).hasSize(1);
        }
    }

    @Test
    void geminiIsAskedInItsOwnWayWithTheKeyInAHeader() throws IOException {
        try (FlakyServer server = new FlakyServer(gemini("```json\n" + GOOD + "\n```"))) {
            Judge judge = GeminiJudge.of(URI.create(server.address()), "gemini-x", "s3cret-key", QUICK);
            assertThat(score(judge).value()).hasValue(5.5);
            FlakyServer.Request request = server.requests.getFirst();
            assertThat(request.path()).isEqualTo("/v1beta/models/gemini-x:generateContent");
            assertThat(request.key()).isEqualTo("s3cret-key");
            assertThat(request.body())
                    .contains("It is so.")
                    .contains("\"temperature\": 0.1")
                    .contains("\"maxOutputTokens\": 64")
                    .doesNotContain("s3cret");
        }
    }

    @Test
    void blockedRepliesSayWhy() throws IOException {
        try (FlakyServer server = new FlakyServer(status(200, "{\"promptFeedback\": {\"blockReason\": \"SAFETY\"}}"))) {
            Judge judge = GeminiJudge.of(URI.create(server.address()), "gemini-x", "k", QUICK);
            assertThat(score(judge).details())
                    .containsEntry("unscored", "the judge failed: it gave no text (blocked: SAFETY)");
        }
    }

    @Test
    void aBodyWithoutEndIsCutOff() throws IOException {
        byte[] chunk = new byte[1 << 16];
        FlakyServer.Behaviour endless = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            while (true) {
                exchange.getResponseBody().write(chunk);
            }
        };
        try (FlakyServer server = new FlakyServer(endless, text(GOOD))) {
            assertThat(score(OpenAiJudge.of(server.address(), "m", null, QUICK.withTimeout(Duration.ofSeconds(20))))
                            .value())
                    .hasValue(5.5);
        }
    }

    @Test
    void geminiWithoutAKeyIsOneSentence() {
        assertThatThrownBy(() -> GeminiJudge.of(URI.create("http://localhost"), "gemini-x", " ", QUICK))
                .isInstanceOf(JudgeException.class)
                .hasMessage("The judge gemini-x needs a key; set GEMINI_API_KEY, or choose another judge,"
                        + " openai=URL or local=FILE.");
    }

    @Test
    void requestsKeepTheirDistance() throws IOException {
        try (FlakyServer server = new FlakyServer(text(GOOD))) {
            JudgeOptions spaced = QUICK.withInterval(Duration.ofMillis(60));
            Judge judge = OpenAiJudge.of(server.address(), "m", null, spaced);
            // From before the first request: its arrival may be late, and the slots begin with its start.
            long begin = System.nanoTime();
            for (int i = 0; i < 4; i++) {
                score(judge);
            }
            long last = server.requests.getLast().nanos();
            assertThat(Duration.ofNanos(last - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(180));
        }
    }

    @Test
    void aServerThatAsksForMoreIsGivenItUpToALimit() throws IOException {
        FlakyServer.Behaviour busy = exchange -> {
            exchange.getResponseHeaders().add("Retry-After", "3600");
            exchange.sendResponseHeaders(429, -1);
        };
        try (FlakyServer server = new FlakyServer(busy, text(GOOD))) {
            long begin = System.nanoTime();
            assertThat(judge(server)
                            .ask(JudgedSuite.named("truthfulqa")
                                    .prompt(QUESTION, "x")
                                    .orElseThrow()))
                    .isInstanceOf(JudgeReply.Text.class);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isBetween(Duration.ofMillis(20), Duration.ofSeconds(5));
        }
    }
}
