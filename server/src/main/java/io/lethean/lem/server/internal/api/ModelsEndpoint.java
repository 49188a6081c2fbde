package io.lethean.lem.server.internal.api;

import io.lethean.lem.server.internal.http.HttpCall;
import java.io.IOException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/models} and {@code /v1/models/{id}}. */
final class ModelsEndpoint {

    static final String PATH = "/v1/models";

    private final ServedModel served;

    ModelsEndpoint(ServedModel served) {
        this.served = served;
    }

    void all(HttpCall call) throws IOException {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.put("object", "list");
        list.putArray("data").add(model());
        call.respond(list);
    }

    void one(HttpCall call) throws IOException {
        String id = call.path().substring(PATH.length() + 1);
        if (!id.equals(served.name())) {
            throw served.unknownModel(id);
        }
        call.respond(model());
    }

    private ObjectNode model() {
        ObjectNode model = JsonNodeFactory.instance.objectNode();
        model.put("id", served.name());
        model.put("object", "model");
        model.put("created", served.created());
        model.put("owned_by", "lem");
        model.put("max_model_len", served.model().info().context().tokens());
        if (!served.adapters().names().isEmpty()) {
            ArrayNode names = model.putArray("lora");
            served.adapters().names().forEach(names::add);
        }
        return model;
    }
}
