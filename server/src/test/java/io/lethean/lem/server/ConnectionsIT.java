package io.lethean.lem.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Fixtures;
import io.lethean.lem.model.ModelOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Clients that go or wait, too many of them, and the end of the server. */
class ConnectionsIT {

    private static final String PATH = "/v1/completions";

    /** Takes a minute if nobody ends it. */
    private static final String LONG = "{\"prompt\":\"Once\",\"n\":128,\"max_tokens\":500,\"temperature\":1%s}";

    private static RunningServer small(UnaryOperator<ServerOptions.Builder> options) throws IOException {
        ModelOptions one =
                ModelOptions.builder().parallel(1).maxCalls(1).threads(1).build();
        return RunningServer.start(Fixtures.require("models/stories260K-f32.gguf"), one, options);
    }

    private static HttpRequest post(RunningServer server, String body) {
        return server.request(PATH)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static CompletableFuture<HttpResponse<String>> begin(RunningServer server, String body)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<String>> reply =
                server.client().sendAsync(post(server, body), HttpResponse.BodyHandlers.ofString());
        awaitBusy(server);
        return reply;
    }

    private static void awaitBusy(RunningServer server) throws IOException, InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (server.metric("lem_answers_running") == 0) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(5);
        }
    }

    private static Socket open(RunningServer server, String body) throws IOException {
        return open(server, PATH, body);
    }

    private static Socket open(RunningServer server, String path, String body) throws IOException {
        Socket socket = new Socket(
                server.server().uri().getHost(), server.server().uri().getPort());
        socket.setSoTimeout(20_000);
        socket.getOutputStream()
                .write(("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length() + "\r\n\r\n"
                                + body)
                        .getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
        return socket;
    }

    @Test
    void clientThatLeavesAStream_endsItsAnswers() throws Exception {
        try (RunningServer server = RunningServer.stories()) {
            try (Socket socket = open(server, LONG.formatted(",\"stream\":true"))) {
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                while (!in.readLine().startsWith("data: ")) {
                    continue;
                }
            }
            server.awaitIdle();

            assertThat(server.metric("lem_http_requests_total{endpoint=\"" + PATH + "\",status=\"499\"}"))
                    .isEqualTo(1);
            assertThat(server.metric("lem_generated_tokens_total")).isLessThan(128 * 500);
            assertThat(server.post(PATH, "{'prompt':'Once','max_tokens':2}").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void clientThatLeavesAnAnswer_isNoticedByASignOfLife() throws Exception {
        try (RunningServer server = RunningServer.stories(options -> options.heartbeat(Duration.ofMillis(20)))) {
            try (Socket _ = open(server, LONG.formatted(""))) {
                awaitBusy(server);
            }
            server.awaitIdle();

            assertThat(server.metric("lem_http_requests_total{endpoint=\"" + PATH + "\",status=\"499\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void signsOfLife_leaveTheAnswerWhole() throws Exception {
        try (RunningServer server = small(options -> options.heartbeat(Duration.ofMillis(1)))) {
            String body = "{'prompt':'Once','max_tokens':200,'n':4";
            RunningServer.Reply answer = server.post(PATH, body + "}");
            assertThat(answer.body()).startsWith("\n");
            assertThat(answer.json().get("choices").size()).isEqualTo(4);
        }
    }

    @Test
    void streamThatWaits_getsComments() throws Exception {
        ModelOptions one = ModelOptions.builder().parallel(1).threads(1).build();
        try (RunningServer server = RunningServer.start(
                Fixtures.require("models/stories260K-f32.gguf"),
                one,
                options -> options.heartbeat(Duration.ofMillis(20)))) {
            HttpResponse<InputStream> second;
            try (Socket _ = open(server, LONG.formatted(""))) {
                awaitBusy(server);
                // Returns with the first comment, because the first answer takes a minute.
                second = server.client()
                        .send(
                                post(server, "{\"prompt\":\"Once\",\"max_tokens\":2,\"stream\":true}"),
                                HttpResponse.BodyHandlers.ofInputStream());
            }

            assertThat(new String(second.body().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith(": waiting\n\n")
                    .endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void answerThatTakesTooLong_isWhatThereIsThen() throws Exception {
        try (RunningServer server = RunningServer.stories(options -> options.timeLimit(Duration.ofSeconds(1)))) {
            RunningServer.Reply answer = server.postExactly(PATH, LONG.formatted(""));

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.json().get("choices"))
                    .hasSize(128)
                    .anySatisfy(choice -> assertThat(choice.toString())
                            .contains("\"finish_reason\":\"length\"", "\"stop_reason\":\"time_limit\""));
        }
    }

    @Test
    void tooManyCallsOrRequests_areToldWhenToAskAgain() throws Exception {
        try (RunningServer server = small(options -> options.maxRequests(2))) {
            CompletableFuture<HttpResponse<String>> first = begin(server, LONG.formatted(""));
            for (String stream : new String[] {"true", "false"}) {
                RunningServer.Reply busy = server.post(PATH, "{'prompt':'Once','stream':" + stream + "}");
                assertThat(busy.status()).isEqualTo(429);
                assertThat(busy.header("Retry-After")).isEqualTo("2");
                assertThat(busy.error())
                        .isEqualTo("The model has as many calls to answer as it takes. Ask again later.");
            }
            try (Socket second = open(server, "{")) {
                // Its body is complete and refused; this one never ends.
                second.getInputStream().read();
            }
            try (Socket endless = endless(server)) {
                RunningServer.Reply refused = server.post(PATH, "{'prompt':'Once'}");
                while (refused.error().startsWith("The model")) {
                    refused = server.post(PATH, "{'prompt':'Once'}");
                }
                assertThat(refused.status()).isEqualTo(429);
                assertThat(refused.header("Retry-After")).isEqualTo("1");
                assertThat(refused.error()).startsWith("The server answers 2 requests already");
                assertThat(server.get("/health").status()).isEqualTo(200);
                assertThat(endless.isClosed()).isFalse();
            }
            first.cancel(true);
        }
    }

    /** A request with a body that does not end. */
    private static Socket endless(RunningServer server) throws IOException {
        Socket socket = new Socket(
                server.server().uri().getHost(), server.server().uri().getPort());
        socket.getOutputStream()
                .write(("POST " + PATH + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
                        .getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
        return socket;
    }

    @Test
    void headerOrBodyThatDoesNotCome_endsItsConnection() throws Exception {
        try (RunningServer server = RunningServer.stories(options -> options.receiveTime(Duration.ofSeconds(2)))) {
            for (String beginning : new String[] {
                "GET /health HTTP/1.1\r\nHost: loc",
                "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
            }) {
                try (Socket socket = new Socket(
                        server.server().uri().getHost(), server.server().uri().getPort())) {
                    socket.setSoTimeout(20_000);
                    socket.getOutputStream().write(beginning.getBytes(StandardCharsets.UTF_8));
                    socket.getOutputStream().flush();
                    assertThat(socket.getInputStream().read()).isEqualTo(-1);
                }
            }
            assertThat(server.get("/health").status()).isEqualTo(200);
        }
    }

    @Test
    void clientThatDoesNotRead_losesItsConnection() throws Exception {
        try (RunningServer server = RunningServer.stories(options -> options.sendTime(Duration.ofMillis(300)))) {
            String body = "{\"prompt\":\"" + "a dog ran. ".repeat(500_000) + "\",\"return_token_strs\":true}";
            try (Socket socket = open(server, "/tokenize", body)) {
                String metric = "lem_http_requests_total{endpoint=\"/tokenize\",status=\"499\"}";
                long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
                while (server.metric(metric) == 0) {
                    assertThat(System.nanoTime()).isLessThan(end);
                    Thread.sleep(50);
                }
                assertThat(socket.isClosed()).isFalse();
            }
            assertThat(server.get("/health").status()).isEqualTo(200);
        }
    }

    @Test
    void shortAnswer_isCompleteAfterTheStop_andNewConnectionsAreRefused() throws Exception {
        try (RunningServer server = RunningServer.stories(options -> options.grace(Duration.ofSeconds(30)))) {
            CompletableFuture<HttpResponse<String>> reply =
                    // About a second, in which the metrics must show it once.
                    begin(server, "{\"prompt\":\"Once\",\"max_tokens\":120,\"n\":64,\"temperature\":0}");
            long start = System.nanoTime();
            server.server().close();

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(25));
            assertThat(reply.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            assertThatThrownBy(() -> server.get("/health")).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void longAnswer_isEndedAfterTheGrace_andItsClientIsTold() throws Exception {
        try (RunningServer server = RunningServer.stories()) {
            CompletableFuture<HttpResponse<String>> reply = begin(server, LONG.formatted(""));
            server.server().close();

            HttpResponse<String> told = reply.get(60, TimeUnit.SECONDS);
            assertThat(told.statusCode()).isEqualTo(503);
            assertThat(told.body()).contains("The server is being stopped.");
            server.server().close();
        }
    }

    @Test
    void longStream_isEndedAfterTheGrace_byAnEvent() throws Exception {
        try (RunningServer server = RunningServer.stories()) {
            HttpResponse<InputStream> begun = server.client()
                    .send(post(server, LONG.formatted(",\"stream\":true")), HttpResponse.BodyHandlers.ofInputStream());
            server.server().close();

            String body = new String(begun.body().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(body).contains("The server is being stopped.").doesNotContain("[DONE]");
        }
    }
}
