package io.lethean.lem.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may ask, and which requests are refused before the model is. */
class AccessIT {

    private static final String KEY = "0123456789abcdef-key";

    private static String status(RunningServer server, String host, String more) throws IOException {
        String reply =
                server.raw("GET /v1/models HTTP/1.1\r\nHost: " + host + "\r\n" + more + "Connection: close\r\n\r\n");
        return reply.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length());
    }

    @Test
    void foreignHosts_areRefused() throws Exception {
        try (RunningServer server = RunningServer.stories(options -> options.allowedHosts(List.of("Llm.example")))) {
            for (String own :
                    List.of("127.0.0.1", "localhost:5", "LOCALHOST", "[::1]:80", "127.9.9.9", "llm.example:1")) {
                assertThat(status(server, own, "")).as(own).isEqualTo("200");
            }
            for (String foreign : List.of(
                    "evil.example",
                    "localhost.evil.example",
                    "127.0.0.1.evil.example",
                    "10.0.0.1",
                    "",
                    "[::2]",
                    "999.0.0.1")) {
                assertThat(status(server, foreign, "")).as(foreign).isEqualTo("403");
            }
            assertThat(status(server, "localhost", "Host: evil.example\r\n")).isEqualTo("403");
            assertThat(server.raw("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 403");
        }
    }

    @Test
    void foreignPages_areRefused_andAllowedOnesMayRead() throws Exception {
        try (RunningServer server =
                RunningServer.stories(options -> options.allowedOrigins(List.of("https://app.example")))) {
            for (String foreign : List.of("https://evil.example", "null", "http://app.example", "http://127.0.0.1")) {
                RunningServer.Reply refused = server.send(
                        server.request("/v1/models").header("Origin", foreign).build());
                assertThat(refused.status()).as(foreign).isEqualTo(403);
                assertThat(refused.header("Access-Control-Allow-Origin")).isEmpty();
            }
            RunningServer.Reply allowed = server.send(server.request("/v1/models")
                    .header("Origin", "https://app.example")
                    .build());
            assertThat(allowed.status()).isEqualTo(200);
            assertThat(allowed.header("Access-Control-Allow-Origin")).isEqualTo("https://app.example");
            RunningServer.Reply preflight = server.send(server.request("/v1/chat/completions")
                    .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                    .header("Origin", "https://app.example")
                    .header("Access-Control-Request-Headers", "authorization,x-stainless-os")
                    .build());
            assertThat(preflight.status()).isEqualTo(204);
            assertThat(preflight.header("Access-Control-Allow-Headers")).isEqualTo("authorization,x-stainless-os");
        }
    }

    @Test
    void withoutTheKey_onlyHealthIsAnswered() throws Exception {
        try (RunningServer server = RunningServer.stories(options -> options.apiKey(KEY))) {
            assertThat(server.get("/health").body()).isEqualTo("{\"status\":\"ok\"}");
            for (String path : List.of("/v1/models", "/metrics", "/tokenizer_info", "/unknown")) {
                RunningServer.Reply reply = server.get(path);
                assertThat(reply.status()).as(path).isEqualTo(401);
                assertThat(reply.header("WWW-Authenticate")).isEqualTo("Bearer");
                assertThat(reply.json().get("error").get("code").stringValue()).isEqualTo("invalid_api_key");
            }
            for (String given : List.of("Bearer wrong", "Bearer " + KEY + "x", "Basic " + KEY, KEY, "Bearer")) {
                assertThat(server.send(server.request("/v1/models")
                                        .header("Authorization", given)
                                        .build())
                                .status())
                        .as(given)
                        .isEqualTo(401);
            }
            for (String given : List.of("Bearer " + KEY, "bearer  " + KEY)) {
                assertThat(server.send(server.request("/v1/models")
                                        .header("Authorization", given)
                                        .build())
                                .status())
                        .as(given)
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void otherAddresses_needAKey_andOptionsDoNotShowIt() throws Exception {
        try (RunningServer server = RunningServer.stories()) {
            ServerOptions open = ServerOptions.builder().host("0.0.0.0").port(0).build();
            assertThatThrownBy(() -> LemServer.start(server.model(), open))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "The address 0.0.0.0 can be reached from other machines, and no API key is set. Set one, or"
                                    + " listen on 127.0.0.1.");
            ServerOptions keyed = open.toBuilder().apiKey(KEY).build();
            assertThat(keyed.toString()).doesNotContain(KEY);
            try (LemServer elsewhere = LemServer.start(server.model(), keyed)) {
                assertThat(elsewhere.asksForKey()).isTrue();
            }
            ServerOptions taken = ServerOptions.builder()
                    .port(server.server().uri().getPort())
                    .build();
            assertThatThrownBy(() -> LemServer.start(server.model(), taken))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("The server cannot listen on 127.0.0.1, port " + taken.port());
        }
    }

    @Test
    void largeBodies_areRefused_withAndWithoutTheirLength() throws Exception {
        try (RunningServer server = RunningServer.stories(options -> options.maxBodyBytes(1000))) {
            String large = "{'prompt':'" + "a".repeat(5_000_000) + "'}";
            RunningServer.Reply known = server.post("/v1/completions", large);
            assertThat(known.status()).isEqualTo(413);
            assertThat(known.error()).isEqualTo("The body is larger than the limit of 1000 bytes.");

            RunningServer.Reply unknown = server.send(server.request("/v1/completions")
                    .POST(HttpRequest.BodyPublishers.ofInputStream(
                            () -> new java.io.ByteArrayInputStream(new byte[3_000_000])))
                    .build());
            assertThat(unknown.status()).isEqualTo(413);
            assertThat(server.get("/health").status()).isEqualTo(200);
        }
    }

    @Test
    void unknownPathsAndMethods_areRefused() throws Exception {
        try (RunningServer server = RunningServer.stories()) {
            assertThat(server.get("/nothing").status()).isEqualTo(404);
            assertThat(server.get("/v1/models/other")
                            .json()
                            .get("error")
                            .get("code")
                            .stringValue())
                    .isEqualTo("model_not_found");
            assertThat(server.get("/v1/models/m").json().get("id").stringValue())
                    .isEqualTo("m");
            RunningServer.Reply wrong = server.get("/v1/chat/completions");
            assertThat(wrong.status()).isEqualTo(405);
            assertThat(wrong.header("Allow")).isEqualTo("POST");
            assertThat(server.send(server.request("/health")
                                    .method("HEAD", HttpRequest.BodyPublishers.noBody())
                                    .build())
                            .status())
                    .isEqualTo(200);
        }
    }
}
