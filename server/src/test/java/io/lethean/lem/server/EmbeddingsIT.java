package io.lethean.lem.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.model.RandomBert;
import io.lethean.lem.model.Relevance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code /v1/embeddings} and {@code /v1/rerank} of random encoders. */
class EmbeddingsIT {

    @TempDir
    private Path folder;

    private RunningServer embedder() throws IOException {
        return RunningServer.start(
                RandomBert.embedder().write(folder.resolve("bert.gguf")), ModelOptions.defaults(), options -> options);
    }

    @Test
    void embeddingsThatTakeTooLong_areEnded_andTheServerContinues() throws Exception {
        try (RunningServer server = RunningServer.start(
                RandomBert.embedder().write(folder.resolve("bert.gguf")),
                ModelOptions.builder().threads(1).build(),
                options -> options.timeLimit(Duration.ofMillis(1)))) {
            String texts = String.join(",", Collections.nCopies(2048, "'the cat sun the cat sun the cat sun'"));
            RunningServer.Reply late = server.post("/v1/embeddings", "{'input':[" + texts + "]}");

            assertThat(late.status()).isEqualTo(503);
            assertThat(late.json().get("error").get("code").stringValue()).isEqualTo("time_limit");
            assertThat(server.get("/health").status()).isEqualTo(200);
        }
    }

    @Test
    void embeddings_areThoseOfTheLibrary_asNumbersAndAsBase64() throws Exception {
        try (RunningServer server = embedder()) {
            List<String> texts = List.of("the cat", "sun");
            List<float[]> expected = server.model().embed(texts);
            JsonNode body = server.post("/v1/embeddings", "{'model':'m','input':['the cat','sun']}")
                    .json();
            JsonNode coded = server.post(
                            "/v1/embeddings",
                            "{'input':['the cat','sun'],'encoding_format':'base64','user':'u','dimensions':"
                                    + expected.getFirst().length + "}")
                    .json();

            assertThat(body.get("object").stringValue()).isEqualTo("list");
            assertThat(body.get("model").stringValue()).isEqualTo("m");
            for (int i = 0; i < 2; i++) {
                JsonNode each = body.get("data").get(i);
                assertThat(each.propertyNames()).containsExactly("object", "index", "embedding");
                byte[] bytes = Base64.getDecoder()
                        .decode(coded.get("data").get(i).get("embedding").stringValue());
                float[] decoded = new float[expected.get(i).length];
                ByteBuffer.wrap(bytes)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer()
                        .get(decoded);
                assertThat(decoded).isEqualTo(expected.get(i));
                for (int k = 0; k < decoded.length; k++) {
                    assertThat(each.get("embedding").get(k).floatValue()).isEqualTo(decoded[k]);
                }
            }
            int tokens = texts.stream()
                    .mapToInt(text -> server.model().tokenize(text, true, false).size())
                    .sum();
            assertThat(body.get("usage").toString())
                    .isEqualTo("{\"prompt_tokens\":" + tokens + ",\"total_tokens\":" + tokens + "}");
            assertThat(server.post("/v1/embeddings", "{'input':'sun'}")
                            .json()
                            .get("data")
                            .get(0)
                            .get("embedding"))
                    .isEqualTo(body.get("data").get(1).get("embedding"));
        }
    }

    @Test
    void encoder_refusesWhatItCannotDo() throws Exception {
        try (RunningServer server = embedder()) {
            RunningServer.Reply chat = server.post("/v1/completions", "{'prompt':'x','max_tokens':1}");
            assertThat(chat.status()).as(chat.body()).isEqualTo(400);
            assertThat(chat.error()).startsWith("The model m is an encoder").doesNotContain(folder.toString());
            assertThat(server.post("/v1/embeddings", "{'input':'sun','dimensions':3}")
                            .error())
                    .startsWith("dimensions is 3, and the embeddings of this model have");
            assertThat(server.post("/v1/embeddings", "{'input':'sun','encoding_format':'hex'}")
                            .error())
                    .isEqualTo("encoding_format must be float or base64.");
            RunningServer.Reply longText = server.post("/v1/embeddings", "{'input':'" + "sun ".repeat(5000) + "'}");
            assertThat(longText.status()).isEqualTo(400);
            assertThat(longText.error()).contains("tokens, and m takes").doesNotContain(folder.toString());
        }
    }

    @Test
    void documents_areSortedByRelevance() throws Exception {
        Path file = RandomBert.reranker().write(folder.resolve("reranker.gguf"));
        try (RunningServer server = RunningServer.start(file, ModelOptions.defaults(), options -> options)) {
            List<String> documents = List.of("the cat", "sun", "the sun and the cat");
            List<Relevance> expected = server.model().rerank("cat", documents);
            JsonNode results = server.post(
                            "/v1/rerank",
                            "{'query':'cat','documents':['the cat',{'text':'sun'},'the sun and the cat'],"
                                    + "'return_documents':true}")
                    .json()
                    .get("results");

            assertThat(results.size()).isEqualTo(3);
            double before = 2;
            for (JsonNode result : results) {
                int index = result.get("index").intValue();
                double score = result.get("relevance_score").doubleValue();
                assertThat(score).isCloseTo(expected.get(index).probability(), within(1e-12));
                assertThat(score).isLessThanOrEqualTo(before);
                assertThat(result.get("document").get("text").stringValue()).isEqualTo(documents.get(index));
                before = score;
            }
            JsonNode best = server.post("/v1/rerank", "{'query':'cat','documents':['the cat','sun'],'top_n':1}")
                    .json()
                    .get("results");
            assertThat(best.size()).isEqualTo(1);
            assertThat(best.get(0).propertyNames()).containsExactly("index", "relevance_score");
            assertThat(server.post("/v1/rerank", "{'query':'cat','documents':[]}")
                            .error())
                    .startsWith("documents has 0 texts");
        }
    }
}
