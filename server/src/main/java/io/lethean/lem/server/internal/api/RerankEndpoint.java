package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.Relevance;
import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.Endpoint;
import io.lethean.lem.server.internal.http.HttpCall;
import io.lethean.lem.server.internal.http.Params;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/rerank} in the shape of Jina and Cohere. */
final class RerankEndpoint implements Endpoint {

    private static final int MAX_DOCUMENTS = 2048;

    private final ServedModel served;

    RerankEndpoint(ServedModel served) {
        this.served = served;
    }

    @Override
    public void handle(HttpCall call) throws IOException {
        Params request = call.json();
        served.requireModel(request);
        String query = request.requireText("query");
        List<String> documents = documents(request);
        int top = request.whole("top_n", 1, Integer.MAX_VALUE).orElse(documents.size());
        boolean texts = request.flag("return_documents").orElse(false);
        request.ignore("user");
        request.refuseOthers();
        List<Relevance> relevances =
                Interruptible.run(served, () -> served.model().rerank(query, documents));
        List<Integer> order = IntStream.range(0, documents.size())
                .boxed()
                .sorted(Comparator.comparingDouble(
                                (Integer i) -> relevances.get(i).score())
                        .reversed())
                .limit(top)
                .toList();
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("id", ServedModel.id("rerank-"));
        body.put("object", "list");
        body.put("model", served.name());
        ArrayNode results = body.putArray("results");
        for (int index : order) {
            ObjectNode result = results.addObject();
            result.put("index", index);
            result.put("relevance_score", relevances.get(index).probability());
            if (texts) {
                result.putObject("document").put("text", documents.get(index));
            }
        }
        call.respond(body);
    }

    /** Strings, or objects with a text. */
    private static List<String> documents(Params request) {
        List<JsonNode> given = request.list("documents");
        if (given.isEmpty() || given.size() > MAX_DOCUMENTS) {
            throw ApiError.invalid(
                    "documents",
                    "documents has " + given.size() + " texts and must have between 1 and " + MAX_DOCUMENTS + ".");
        }
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            String path = "documents[" + i + "]";
            JsonNode each = given.get(i);
            if (each.isString()) {
                documents.add(Params.requireUnicode(each.stringValue(), path));
            } else {
                Params document = Params.of(each, path);
                documents.add(document.requireText("text"));
                document.refuseOthers();
            }
        }
        return documents;
    }
}
