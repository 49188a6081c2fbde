package io.lethean.lem.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whatever a client sends, it gets an answer or a refusal in OpenAI's form, and the server continues. */
class FuzzIT {

    private static final List<String> VALID = List.of(
            "/v1/chat/completions {\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":"
                    + "null,\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":"
                    + "\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"x\"}],\"max_tokens\":2,\"n\":1}",
            "/v1/chat/completions {\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"max_tokens\":2,\"stop\":[\"a\"],"
                    + "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\":"
                    + "\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}}}},\"chat_template_kwargs\":{\"a\":[1]}}",
            "/v1/completions {\"prompt\":[[1,2,3]],\"max_tokens\":1,\"logprobs\":1,\"echo\":true,\"seed\":5,\"top_p\":0.5}",
            "/v1/completions {\"prompt\":[\"One\",\"Two\"],\"max_tokens\":1,\"logit_bias\":{\"5\":1.5},\"stream\":true}",
            "/tokenize {\"prompt\":\"some text\",\"add_special_tokens\":false,\"return_token_strs\":true}",
            "/detokenize {\"tokens\":[1,2,3]}",
            "/v1/embeddings {\"input\":[\"a\",\"b\"],\"encoding_format\":\"base64\"}",
            "/v1/rerank {\"query\":\"a\",\"documents\":[\"b\",{\"text\":\"c\"}],\"top_n\":1}");

    private static final String[] VALUES = {
        "null", "true", "-1", "0", "1e400", "99999999999999999999", "\"\"", "[]", "{}", "[[[[]]]]", "\"\\ud800\"", "1.5"
    };

    private static String mutated(String json, Random random) {
        StringBuilder text = new StringBuilder(json);
        for (int change = random.nextInt(3); change >= 0; change--) {
            int place = random.nextInt(text.length());
            switch (random.nextInt(5)) {
                case 0 -> text.deleteCharAt(place);
                case 1 -> text.insert(place, (char) random.nextInt(0x2500));
                case 2 -> text.setLength(Math.max(1, place));
                case 3 -> {
                    int colon = text.indexOf(":", place);
                    int end = Math.max(colon, text.indexOf(",", Math.max(colon, 0)));
                    if (colon >= 0 && end > colon) {
                        text.replace(colon + 1, end, VALUES[random.nextInt(VALUES.length)]);
                    }
                }
                default -> text.insert(place, text.substring(place, Math.min(text.length(), place + 20)));
            }
        }
        return text.toString();
    }

    @Test
    void changedBodies_areAnsweredOrRefused() throws Exception {
        Random random = new Random(4711);
        try (RunningServer server = RunningServer.nano(options -> options.timeLimit(Duration.ofMillis(100)))) {
            for (int i = 0; i < 500; i++) {
                String[] valid = VALID.get(i % VALID.size()).split(" ", 2);
                String body = mutated(valid[1], random);

                RunningServer.Reply reply = server.postExactly(valid[0], body);

                assertThat(reply.status()).as("%s: %s", body, reply.body()).isIn(200, 400, 404, 503);
                if (reply.status() == 503) {
                    // On a busy machine, also the scoring of a short prompt may take longer than the limit.
                    assertThat(reply.json().get("error").get("code").stringValue())
                            .as(body)
                            .isEqualTo("time_limit");
                }
                if (reply.status() != 200) {
                    assertThat(reply.error()).as(body).doesNotContain("java.", "tools.jackson", "/work", "/home");
                }
            }
            assertThat(server.get("/health").status()).isEqualTo(200);
        }
    }

    private static String fields(int count) {
        return IntStream.range(0, count).mapToObj(i -> "X" + i + ": y\r\n").collect(Collectors.joining());
    }

    @Test
    void malformedRequests_endTheirConnectionsOnly() throws Exception {
        List<String> requests = List.of(
                "\r\n\r\n",
                "GET\r\n\r\n",
                "GET / \r\n\r\n",
                "GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n{}",
                "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
                "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
                "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
                "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n{}\r\n",
                "GET /health HTTP/1.1\r\nHost: localhost\r\n" + fields(500) + "\r\n",
                "GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + "y".repeat(1 << 20) + "\r\n\r\n",
                "BREW /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "\u0000\u0001\u0002\u0003");
        try (RunningServer server = RunningServer.stories(options -> options.receiveTime(Duration.ofSeconds(2)))) {
            for (String request : requests) {
                String reply;
                try {
                    reply = server.raw(request);
                } catch (java.io.IOException reset) {
                    reply = "";
                }
                assertThat(reply).as(request).doesNotContain("200 OK", "java.", "\tat ", "at io.lethean");
                assertThat(server.get("/health").status()).isEqualTo(200);
            }
        }
    }

    @Test
    void deepJson_isRefused() throws Exception {
        try (RunningServer server = RunningServer.stories()) {
            for (String open : new String[] {"[", "{\"a\":"}) {
                byte[] deep = ("{\"prompt\":" + open.repeat(100_000)).getBytes(StandardCharsets.UTF_8);
                assertThat(server.postExactly("/v1/completions", new String(deep, StandardCharsets.UTF_8))
                                .status())
                        .isEqualTo(400);
            }
        }
    }
}
