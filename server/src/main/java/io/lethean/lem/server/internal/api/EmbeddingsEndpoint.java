package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.EmbeddingOptions;
import io.lethean.lem.model.Pooling;
import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.Endpoint;
import io.lethean.lem.server.internal.http.HttpCall;
import io.lethean.lem.server.internal.http.Params;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/embeddings}. */
final class EmbeddingsEndpoint implements Endpoint {

    private static final int MAX_TEXTS = 2048;

    private final ServedModel served;

    EmbeddingsEndpoint(ServedModel served) {
        this.served = served;
    }

    @Override
    public void handle(HttpCall call) throws IOException {
        Params request = call.json();
        served.requireModel(request);
        List<String> texts = texts(request);
        boolean base64 = isBase64(request);
        OptionalInt dimensions = request.whole("dimensions", 1, Integer.MAX_VALUE);
        EmbeddingOptions options = options(request);
        request.ignore("user");
        request.refuseOthers();
        List<float[]> embeddings =
                Interruptible.run(served, () -> served.model().embed(texts, options));
        int size = embeddings.getFirst().length;
        if (dimensions.isPresent() && dimensions.getAsInt() != size) {
            throw ApiError.invalid(
                    "dimensions",
                    "dimensions is " + dimensions.getAsInt() + ", and the embeddings of this model have " + size
                            + " values.");
        }
        call.respond(body(texts, embeddings, base64));
    }

    private static List<String> texts(Params request) {
        JsonNode input = request.any("input").orElseThrow(() -> request.missing("input"));
        List<JsonNode> given = input.isString() ? List.of(input) : request.list("input");
        if (given.isEmpty() || given.size() > MAX_TEXTS) {
            throw ApiError.invalid(
                    "input", "input has " + given.size() + " texts and must have between 1 and " + MAX_TEXTS + ".");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode text : given) {
            if (!text.isString()) {
                throw ApiError.invalid(
                        "input",
                        "input must be a text or a list of texts. Token ids are refused, because clients make them with"
                                + " the tokenizer of another model; langchain sends texts with"
                                + " check_embedding_ctx_length=False.");
            }
            texts.add(Params.requireUnicode(text.stringValue(), "input"));
        }
        return texts;
    }

    /** The pooling is for models with a file that does not name it. */
    private static EmbeddingOptions options(Params request) {
        Optional<String> pooling = request.text("pooling");
        if (pooling.isEmpty()) {
            return EmbeddingOptions.defaults();
        }
        return EmbeddingOptions.defaults()
                .withPooling(
                        switch (pooling.get()) {
                            case "mean" -> Pooling.MEAN;
                            case "cls" -> Pooling.CLS;
                            case "last" -> Pooling.LAST;
                            default -> throw request.wrong("pooling", "mean, cls or last");
                        });
    }

    private static boolean isBase64(Params request) {
        String format = request.text("encoding_format").orElse("float");
        return switch (format) {
            case "float" -> false;
            case "base64" -> true;
            default -> throw request.wrong("encoding_format", "float or base64");
        };
    }

    private ObjectNode body(List<String> texts, List<float[]> embeddings, boolean base64) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("object", "list");
        ArrayNode data = body.putArray("data");
        long tokens = 0;
        for (int i = 0; i < embeddings.size(); i++) {
            ObjectNode each = data.addObject();
            each.put("object", "embedding");
            each.put("index", i);
            put(each, embeddings.get(i), base64);
            tokens += served.model().tokenize(texts.get(i), true, false).size();
        }
        body.put("model", served.name());
        ObjectNode usage = body.putObject("usage");
        usage.put("prompt_tokens", tokens);
        usage.put("total_tokens", tokens);
        served.metrics().answered(tokens, 0, 0);
        return body;
    }

    /** Base64 is of 32-bit floats, the low byte first. */
    private static void put(ObjectNode each, float[] embedding, boolean base64) {
        if (base64) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(embedding.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(embedding);
            each.put("embedding", Base64.getEncoder().encodeToString(bytes.array()));
        } else {
            ArrayNode values = each.putArray("embedding");
            for (float value : embedding) {
                values.add(value);
            }
        }
    }
}
