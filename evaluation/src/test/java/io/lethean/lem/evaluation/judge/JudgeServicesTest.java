package io.lethean.lem.evaluation.judge;

import static io.lethean.lem.evaluation.judge.FlakyServer.gemini;
import static io.lethean.lem.evaluation.judge.FlakyServer.status;
import static io.lethean.lem.evaluation.judge.FlakyServer.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.evaluation.JudgeException;
import io.lethean.lem.evaluation.judge.FlakyServer.Behaviour;
import io.lethean.lem.evaluation.score.Judge;
import io.lethean.lem.evaluation.score.JudgedScorer;
import io.lethean.lem.evaluation.score.JudgedSuite;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Score;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Judges at services with the habits of well-known servers, all on the loopback address. */
@Timeout(60)
class JudgeServicesTest {

    private static final JudgeOptions QUICK = new JudgeOptions(
            4, Duration.ofMillis(1), Duration.ofMillis(20), Duration.ofSeconds(10), Duration.ZERO, 64, 3);
    private static final JudgeOptions PATIENT = new JudgeOptions(
            4, Duration.ofMillis(1), Duration.ofSeconds(20), Duration.ofSeconds(10), Duration.ZERO, 64, 3);
    private static final String GOOD = "{\"truthfulness\": 8, \"informativeness\": 3, \"reason\": \"ok\"}";
    private static final Sample QUESTION = new Sample("1", "Is it?", Map.of("best_answer", "It is."));

    private static Judge judge(FlakyServer server) {
        return OpenAiJudge.of(server.address(), "m", null, QUICK);
    }

    private static Score score(Judge judge) {
        return new JudgedScorer(JudgedSuite.named("truthfulqa"), judge).score(QUESTION, "It is so.");
    }

    private static Behaviour unlessUpgrade(Behaviour refusal) {
        return exchange -> {
            if (exchange.getRequestHeaders().containsKey("Upgrade")) {
                refusal.answer(exchange);
            } else {
                text(GOOD).answer(exchange);
            }
        };
    }

    @Test
    void aServerThatRefusesAnUpgradeIsAskedInHttp11() throws IOException {
        try (FlakyServer server = new FlakyServer(unlessUpgrade(status(422, "{\"detail\": \"body missing\"}")))) {
            assertThat(score(judge(server)).value()).hasValue(5.5);
            assertThat(server.requests).hasSize(1);
        }
    }

    @Test
    void aServerThatHangsOnAnUpgradeIsAskedInHttp11() throws IOException {
        try (FlakyServer server = new FlakyServer(unlessUpgrade(exchange -> Thread.sleep(30_000)))) {
            assertThat(score(judge(server)).value()).hasValue(5.5);
            assertThat(server.requests).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 409, 425, 429, 500, 502, 503, 504, 529})
    void aPassingStatusIsRepeated(int status) throws IOException {
        try (FlakyServer server = new FlakyServer(status(status, "wait"), text(GOOD))) {
            assertThat(score(judge(server)).value()).hasValue(5.5);
            assertThat(server.requests).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 405})
    void anotherStatusEndsTheRunAtOnce(int status) throws IOException {
        try (FlakyServer server = new FlakyServer(status(status, "no"), text(GOOD))) {
            assertThatThrownBy(() -> score(judge(server)))
                    .isInstanceOf(JudgeException.class)
                    .hasMessageContaining("refuses to be asked, with status " + status + ": no");
            assertThat(server.requests).hasSize(1);
        }
    }

    @Test
    void aRedirectIsNamedWithoutItsQuery() throws IOException {
        Behaviour moved = exchange -> {
            exchange.getResponseHeaders().add("Location", "https://elsewhere/v1/chat/completions?key=s3cret");
            exchange.sendResponseHeaders(308, -1);
        };
        try (FlakyServer server = new FlakyServer(moved)) {
            assertThatThrownBy(() -> score(judge(server)))
                    .hasMessageContaining("It redirects to https://elsewhere/v1/chat/completions.")
                    .hasMessageNotContaining("s3cret");
        }
    }

    private static Behaviour busy(String header, String value) {
        return exchange -> {
            exchange.getResponseHeaders().add(header, value);
            exchange.sendResponseHeaders(429, -1);
        };
    }

    private static Duration timeOfTwoRequests(Behaviour first) throws IOException {
        try (FlakyServer server = new FlakyServer(first, text(GOOD))) {
            assertThat(score(OpenAiJudge.of(server.address(), "m", null, PATIENT))
                            .value())
                    .hasValue(5.5);
            assertThat(server.requests).hasSize(2);
            return Duration.ofNanos(server.requests.getLast().nanos()
                    - server.requests.getFirst().nanos());
        }
    }

    @ParameterizedTest
    @CsvSource({"Retry-After, 1, 1000", "Retry-After, 1.2, 2000", "retry-after-ms, 1500, 1500"})
    void theServersWaitIsKept(String header, String value, long millis) throws IOException {
        assertThat(timeOfTwoRequests(busy(header, value))).isBetween(Duration.ofMillis(millis), Duration.ofSeconds(15));
    }

    @Test
    void theServersDateIsWaitedFor() throws IOException {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.now().plusSeconds(3).atZone(ZoneOffset.UTC));
        assertThat(timeOfTwoRequests(busy("Retry-After", date)))
                .isBetween(Duration.ofMillis(1900), Duration.ofSeconds(15));
    }

    @Test
    void anAbsurdWaitHasACeilingAndIsSaid() throws IOException {
        try (FlakyServer server = new FlakyServer(busy("Retry-After", "86400"))) {
            assertThat(score(judge(server)).details().get("unscored").toString())
                    .contains("it asked for a wait of 86400 s, and the longest wait is 0.02 s");
            assertThat(server.requests).hasSize(4);
        }
    }

    private static Behaviour refusing(String parameter, String message) {
        return status(
                400,
                "{\"error\": {\"message\": " + FlakyServer.quote(message) + ", \"type\": \"invalid_request_error\","
                        + " \"param\": " + parameter + ", \"code\": \"unsupported\"}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\": {\"message\": \"Use 'max_completion_tokens' instead.\", \"param\": \"max_tokens\"}}",
                "{\"error\": {\"message\": \"Unsupported parameter: 'max_tokens' here.\", \"param\": null}}",
                "max_tokens is not supported",
                "{\"detail\": [{\"loc\": [\"body\", \"max_tokens\"], \"msg\": \"extra fields not permitted\"}]}"
            })
    void aRefusedLimitIsGivenUnderItsNewNameFromThenOn(String refusal) throws IOException {
        try (FlakyServer server = new FlakyServer(status(400, refusal), text(GOOD))) {
            Judge judge = judge(server);
            assertThat(score(judge).value()).hasValue(5.5);
            assertThat(score(judge).value()).hasValue(5.5);
            assertThat(server.requests).hasSize(3);
            assertThat(server.requests.getFirst().body()).contains("\"max_tokens\": 64", "\"temperature\": 0.1");
            assertThat(server.requests.subList(1, 3))
                    .allSatisfy(request -> assertThat(request.body())
                            .contains("\"max_completion_tokens\": 64", "\"temperature\": 0.1")
                            .doesNotContain("\"max_tokens\""));
        }
    }

    @Test
    void aRefusedTemperatureIsLeftOutFromThenOn() throws IOException {
        Behaviour limit = refusing("\"max_tokens\"", "Unsupported parameter: 'max_tokens'.");
        Behaviour temperature = refusing("\"temperature\"", "Only the default (1) value is supported.");
        try (FlakyServer server = new FlakyServer(limit, temperature, text(GOOD))) {
            Judge judge = judge(server);
            assertThat(score(judge).value()).hasValue(5.5);
            assertThat(score(judge).value()).hasValue(5.5);
            assertThat(server.requests).hasSize(4);
            assertThat(server.requests.get(1).body()).contains("\"temperature\"");
            assertThat(server.requests.subList(2, 4))
                    .allSatisfy(request -> assertThat(request.body())
                            .contains("\"max_completion_tokens\": 64")
                            .doesNotContain("\"temperature\""));
        }
    }

    @Test
    void aServerThatRefusesEveryFormIsNotAskedForEver() throws IOException {
        try (FlakyServer server = new FlakyServer(refusing("null", "max_tokens and temperature are wrong"))) {
            assertThatThrownBy(() -> score(judge(server)))
                    .isInstanceOf(JudgeException.class)
                    .hasMessageContaining("refuses to be asked, with status 400");
            assertThat(server.requests).hasSize(2);
        }
    }

    @Test
    void aQuestionThatIsRefusedLaterLeavesOnlyThatAnswerUnscored() throws IOException {
        try (FlakyServer server = new FlakyServer(text(GOOD), status(400, "content filter"), text(GOOD))) {
            Judge judge = judge(server);
            assertThat(score(judge).value()).hasValue(5.5);
            assertThat(score(judge).details().get("unscored").toString())
                    .isEqualTo("the judge failed: it refuses this question with status 400: content filter");
            assertThat(score(judge).value()).hasValue(5.5);
            assertThat(server.requests).hasSize(3);
        }
    }

    @Test
    void theSecondRequestSaysWhatWasWrongWithTheFirstReply() throws IOException {
        try (FlakyServer server =
                new FlakyServer(text("{\"truthfulness\": 11, \"informativeness\": 3}"), text("Good!"), text(GOOD))) {
            assertThat(score(judge(server)).value()).hasValue(5.5);
            assertThat(server.requests.get(0).body()).doesNotContain("could not be used");
            assertThat(server.requests.get(1).body())
                    .contains(
                            "truthfulness is 11, and the scale is from 1 to 10",
                            "\\\"truthfulness\\\": 11",
                            "It is so.");
            assertThat(server.requests.get(2).body())
                    .contains("it has no JSON object with ratings", "Good!")
                    .doesNotContain("\\\"truthfulness\\\": 11");
        }
    }

    private static Behaviour content(String json) {
        return status(200, "{\"choices\": [{\"finish_reason\": \"stop\", \"message\": {\"content\": " + json + "}}]}");
    }

    @Test
    void contentInPartsIsJoinedWithoutItsThinking() throws IOException {
        String half = "{\"truthfulness\": 8, \"inform";
        String rest = "ativeness\": 3}";
        String parts =
                "[{\"type\": \"thinking\", \"thinking\": [{\"type\": \"text\", \"text\": \"{\\\"truthfulness\\\": 1}\"}]},"
                        + " {\"type\": \"text\", \"text\": " + FlakyServer.quote(half) + "},"
                        + " {\"type\": \"text\", \"text\": " + FlakyServer.quote(rest) + "}]";
        try (FlakyServer server = new FlakyServer(content(parts))) {
            assertThat(score(judge(server)).value()).hasValue(5.5);
            assertThat(server.requests).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"content\": null} | it gave no text (stop)",
                "{\"content\": []} | it gave no text (stop)",
                "{} | it gave no text (stop)",
                "{\"content\": null, \"refusal\": \"I cannot.\"} | it refused (I cannot.)",
                "{\"content\": null, \"reasoning_content\": \"Hm.\"} | it gave reasoning and no text (stop)"
            })
    void aResponseWithoutTextIsUnscoredAndSaysWhy(String message, String reason) throws IOException {
        try (FlakyServer server = new FlakyServer(
                status(200, "{\"choices\": [{\"finish_reason\": \"stop\", \"message\": " + message + "}]}"))) {
            assertThat(score(judge(server)).details()).containsEntry("unscored", "the judge failed: " + reason);
        }
    }

    @Test
    void anErrorInsideAResponseIsSaid() throws IOException {
        try (FlakyServer server = new FlakyServer(status(200, "{\"error\": {\"message\": \"no credits\"}}"))) {
            assertThat(score(judge(server)).details())
                    .containsEntry("unscored", "the judge failed: it reported an error (no credits)");
        }
    }

    @Test
    void aModelThatThinksAllItsTokensAwayGetsMoreOfThem() throws IOException {
        String thinking = "{\"choices\": [{\"finish_reason\": \"length\", \"message\": {\"content\": \"\"}}]}";
        try (FlakyServer server = new FlakyServer(status(200, thinking), text(GOOD))) {
            assertThat(score(judge(server)).value()).hasValue(5.5);
            assertThat(server.requests.getLast().body()).contains("\"max_tokens\": 512");
        }
        String geminis = "{\"candidates\": [{\"finishReason\": \"MAX_TOKENS\", \"content\": {}}]}";
        try (FlakyServer server = new FlakyServer(status(200, geminis), gemini(GOOD))) {
            assertThat(score(GeminiJudge.of(URI.create(server.address()), "models/gemini-x", "k", QUICK))
                            .value())
                    .hasValue(5.5);
            assertThat(server.requests.getLast().body()).contains("\"maxOutputTokens\": 512");
            assertThat(server.requests.getLast().path()).isEqualTo("/v1beta/models/gemini-x:generateContent");
        }
    }

    /** Stands for the name service of a container network: the name leads to the server. */
    private record Network(String host, InetSocketAddress server) implements AutoCloseable {
        private static final @Nullable ProxySelector BEFORE = ProxySelector.getDefault();

        Network {
            ProxySelector.setDefault(new ProxySelector() {
                @Override
                public List<Proxy> select(URI uri) {
                    boolean ours = uri.toString().contains("//" + host);
                    return List.of(ours ? new Proxy(Proxy.Type.HTTP, server) : Proxy.NO_PROXY);
                }

                @Override
                public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
            });
        }

        @Override
        public void close() {
            ProxySelector.setDefault(BEFORE);
        }
    }

    @Test
    void aHostWithAnUnderscoreIsAsked() throws IOException {
        try (FlakyServer server = new FlakyServer(status(429, "busy"), status(404, "no"), text(GOOD))) {
            URI address = URI.create(server.address());
            try (Network _ = new Network("llama_server", new InetSocketAddress(address.getHost(), address.getPort()))) {
                Judge judge = OpenAiJudge.of("http://llama_server:8080/v1?v=1", "m", "k", QUICK);
                assertThatThrownBy(() -> score(judge))
                        .hasMessageContaining(
                                "The judge m at http://llama_server:8080/v1/chat/completions refuses to be"
                                        + " asked, with status 404: no");
                assertThat(score(judge).value()).hasValue(5.5);
            }
            assertThat(server.requests).hasSize(3).allSatisfy(request -> {
                assertThat(request.path()).endsWith("/v1/chat/completions?v=1");
                assertThat(request.authorization()).isEqualTo("Bearer k");
                assertThat(request.body()).contains("\"max_tokens\": 64");
            });
        }
    }

    @Test
    void aHostWithAnUnderscoreThatIsSlowIsLeftAndAskedAgain() throws IOException {
        try (FlakyServer server = new FlakyServer(FlakyServer.stalling(), text(GOOD))) {
            URI address = URI.create(server.address());
            try (Network _ = new Network("slow_server", new InetSocketAddress(address.getHost(), address.getPort()))) {
                JudgeOptions hasty = QUICK.withTimeout(Duration.ofSeconds(1));
                long begin = System.nanoTime();
                assertThat(score(OpenAiJudge.of("http://slow_server", "m", null, hasty))
                                .value())
                        .hasValue(5.5);
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(FlakyServer.STALL);
            }
        }
    }

    @Test
    void keysInHeadersAndQueriesAreInNoMessage() throws IOException {
        try (FlakyServer server = new FlakyServer(status(401, "bad: s3cret-key, qu/ery-key, qu%2Fery-key, v7"))) {
            Judge judge = OpenAiJudge.of(
                    server.address() + "/v1?api-version=v7&subscription-key=qu%2Fery-key", "m", " s3cret-key\n", QUICK);
            assertThatThrownBy(() -> score(judge))
                    .hasMessageContaining("at " + server.address() + "/v1/chat/completions refuses")
                    .hasMessageContaining("bad: [key], [key], [key], v7")
                    .hasMessageNotContaining("ery-key")
                    .hasNoCause();
            assertThat(server.requests.getFirst().authorization()).isEqualTo("Bearer s3cret-key");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"two words", "line\nbreak", "caf\u00e9"})
    void aKeyThatNoHeaderCarriesIsRefusedAndNotQuoted(String key) {
        assertThatThrownBy(() -> OpenAiJudge.of("http://127.0.0.1:1", "m", key, QUICK))
                .isInstanceOf(JudgeException.class)
                .hasMessageStartingWith("The key in LEM_JUDGE_API_KEY contains a space, a line break or a character")
                .hasMessageNotContaining(key)
                .hasNoCause();
    }
}
