package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.ModelInfo;
import io.lethean.lem.server.internal.http.Metrics;
import io.lethean.lem.server.internal.http.Routes;
import tools.jackson.databind.node.JsonNodeFactory;

/** All endpoints of a served model. */
public final class Api {

    private Api() {}

    /** The paths and what answers them. */
    public static Routes routes(ServedModel served) {
        ModelsEndpoint models = new ModelsEndpoint(served);
        TokenizerEndpoints tokenizer = new TokenizerEndpoints(served);
        return new Routes()
                .post("/v1/chat/completions", new ChatEndpoint(served))
                .post("/v1/completions", new CompletionsEndpoint(served))
                .post("/v1/embeddings", new EmbeddingsEndpoint(served))
                .post("/v1/rerank", new RerankEndpoint(served))
                .get(ModelsEndpoint.PATH, models::all)
                .below(ModelsEndpoint.PATH + "/", models::one)
                .get("/tokenizer_info", tokenizer::info)
                .post("/tokenize", tokenizer::tokenize)
                .post("/detokenize", tokenizer::detokenize)
                .open(
                        "/health",
                        call -> call.respond(
                                JsonNodeFactory.instance.objectNode().put("status", "ok")))
                .get(
                        "/metrics",
                        call -> call.respond(
                                "text/plain; version=0.0.4; charset=utf-8",
                                served.metrics().text()));
    }

    /** Adds what the model tells to the metrics. */
    public static void addGauges(ServedModel served) {
        int parallel = served.model().parallel();
        ModelInfo info = served.model().info();
        Metrics metrics = served.metrics();
        metrics.gauge(
                "lem_kv_cache_bytes",
                "Bytes of the KV cache.",
                () -> info.context().kvBytes());
        metrics.gauge(
                "lem_answers_running",
                "Answers that the model is asked for, up to those that it generates in parallel.",
                () -> Math.min(parallel, served.open().count()));
        metrics.gauge(
                "lem_answers_waiting",
                "Answers that wait for others to end.",
                () -> Math.max(0, served.open().count() - parallel));
    }
}
