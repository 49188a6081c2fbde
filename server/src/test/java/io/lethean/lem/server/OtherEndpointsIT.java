package io.lethean.lem.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Message;
import io.lethean.lem.model.EmbeddingOptions;
import io.lethean.lem.model.Pooling;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Models, tokens, metrics; and what a model that generates text refuses. */
class OtherEndpointsIT {

    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException {
        server = RunningServer.nano(options -> options);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static List<Integer> ids(JsonNode array) {
        return array.valueStream().map(JsonNode::intValue).toList();
    }

    @Test
    void models_areListed() throws Exception {
        JsonNode list = server.get("/v1/models").json();

        assertThat(list.get("object").stringValue()).isEqualTo("list");
        assertThat(list.get("data").size()).isEqualTo(1);
        JsonNode model = list.get("data").get(0);
        assertThat(model.propertyNames()).containsExactly("id", "object", "created", "owned_by", "max_model_len");
        assertThat(model.get("id").stringValue()).isEqualTo("m");
        assertThat(server.get("/v1/models/m").json()).isEqualTo(model);
    }

    @Test
    void textsAndTokens_areTranslatedAsLmEvalAsks() throws Exception {
        JsonNode info = server.get("/tokenizer_info").json();
        String eos = info.get("eos_token").stringValue();
        assertThat(eos).isNotEmpty();
        JsonNode end = server.postExactly(
                        "/tokenize",
                        "{\"prompt\":" + RunningServer.JSON.writeValueAsString(eos) + ",\"add_special_tokens\":false}")
                .json();
        assertThat(ids(end.get("tokens")))
                .containsExactly(server.model().tokenizer().eos().orElseThrow());

        String text = "Kind w\u00f6rds, twice.";
        JsonNode plain = server.post(
                        "/tokenize",
                        "{'model':'m','prompt':'" + text + "','add_special_tokens':false,'return_token_strs':true}")
                .json();
        assertThat(plain.propertyNames()).containsExactly("count", "max_model_len", "tokens", "token_strs");
        assertThat(ids(plain.get("tokens"))).isEqualTo(server.model().tokenize(text));
        assertThat(plain.get("count").intValue()).isEqualTo(plain.get("tokens").size());
        assertThat(server.post("/detokenize", "{'tokens':" + plain.get("tokens") + "}")
                        .body())
                .isEqualTo("{\"prompt\":\"" + text + "\"}");
        JsonNode whole = server.post("/tokenize", "{'prompt':'" + text + "'}").json();
        assertThat(ids(whole.get("tokens")))
                .isEqualTo(server.model().tokenizer().encodeRendered(text));
    }

    @Test
    void conversations_areTranslatedByTheTemplate() throws Exception {
        JsonNode reply = server.post("/tokenize", "{'messages':[{'role':'user','content':'Hi'}]}")
                .json();

        assertThat(ids(reply.get("tokens")))
                .isEqualTo(server.model().tokenizer().encodeChat(List.of(Message.user("Hi"))));
        assertThat(server.post(
                                "/tokenize",
                                "{'messages':[{'role':'user','content':'Hi'}],'add_generation_prompt':false}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void modelWithoutPooling_refusesEmbeddings_andNamesNoPath() throws Exception {
        RunningServer.Reply embed = server.post("/v1/embeddings", "{'input':'text'}");
        RunningServer.Reply rerank = server.post("/v1/rerank", "{'query':'q','documents':['d']}");

        assertThat(embed.status()).isEqualTo(400);
        assertThat(embed.error()).contains("pooling").doesNotContain("/", ".gguf");
        assertThat(server.post("/v1/embeddings", "{'input':'text','pooling':'max'}")
                        .error())
                .isEqualTo("pooling must be mean, cls or last.");
        JsonNode named = server.post("/v1/embeddings", "{'input':'text','pooling':'last'}")
                .json();
        float[] expected = server.model()
                .embed(List.of("text"), EmbeddingOptions.defaults().withPooling(Pooling.LAST))
                .getFirst();
        assertThat(named.get("data").get(0).get("embedding").get(0).floatValue())
                .isEqualTo(expected[0]);
        assertThat(rerank.status()).isEqualTo(400);
        assertThat(rerank.error()).startsWith("The model m is not a reranker").doesNotContain("/");
        assertThat(server.post("/v1/embeddings", "{'input':[[1,2]]}").error()).contains("Token ids are refused");
    }

    @Test
    void metrics_countRequestsAndTokens() throws Exception {
        long prompt = server.metric("lem_prompt_tokens_total");
        long generated = server.metric("lem_generated_tokens_total");
        long reused = server.metric("lem_reused_prompt_tokens_total");
        String text = "{'prompt':'" + "Many words. ".repeat(40) + "','max_tokens':4,'temperature':0}";
        JsonNode usage = server.post("/v1/completions", text).json().get("usage");
        JsonNode again = server.post("/v1/completions", text).json().get("usage");
        server.awaitIdle();

        assertThat(server.metric("lem_prompt_tokens_total") - prompt)
                .isEqualTo(2 * usage.get("prompt_tokens").longValue());
        assertThat(server.metric("lem_generated_tokens_total") - generated)
                .isEqualTo(usage.get("completion_tokens").longValue()
                        + again.get("completion_tokens").longValue());
        long cached = again.get("prompt_tokens_details").get("cached_tokens").longValue();
        assertThat(cached).isGreaterThanOrEqualTo(64);
        assertThat(server.metric("lem_reused_prompt_tokens_total") - reused)
                .isEqualTo(cached
                        + usage.get("prompt_tokens_details")
                                .get("cached_tokens")
                                .longValue());
        String metrics = server.get("/metrics").body();
        assertThat(metrics)
                .contains("# TYPE lem_request_duration_seconds histogram")
                .containsPattern(
                        "lem_request_duration_seconds_bucket\\{endpoint=\"/v1/completions\",le=\"\\+Inf\"} [1-9]")
                .containsPattern("lem_first_token_seconds_count [1-9]");
        assertThat(server.metric("lem_kv_cache_bytes"))
                .isEqualTo(server.model().info().context().kvBytes());
        assertThat(metrics.lines().filter(line -> !line.startsWith("#")))
                .allMatch(line -> line.matches("[a-z_]+(\\{[^}]*})? [0-9.E+-]+"));
    }
}
