package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.ChatOptions;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.ToolChoice;
import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.Params;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Reads the form that an answer must have. */
final class ResponseFormat {

    private static final String ANY_OBJECT = "{\"type\": \"object\"}";

    private ResponseFormat() {}

    /** Holds the answer to the form that the request asks for, if it does. */
    static void read(Params request, ChatOptions chat, GenerationOptions.Builder options) {
        Optional<Params> given = request.object("response_format");
        if (given.isEmpty()) {
            return;
        }
        Params format = given.get();
        String type = format.requireText("type");
        switch (type) {
            case "text" -> {}
            case "json_object" -> hold(chat, options, ANY_OBJECT);
            case "json_schema" -> hold(chat, options, schema(format));
            default ->
                throw ApiError.invalid(
                        format.path("type"),
                        format.path("type") + " is '" + type + "' and must be text, json_object or json_schema.");
        }
        format.refuseOthers();
    }

    private static String schema(Params format) {
        Params named = format.object("json_schema").orElseThrow(() -> format.missing("json_schema"));
        // The schema is always enforced.
        named.ignore("name", "description", "strict");
        JsonNode schema = named.any("schema").orElseThrow(() -> named.missing("schema"));
        named.refuseOthers();
        return schema.toString();
    }

    private static void hold(ChatOptions chat, GenerationOptions.Builder options, String schema) {
        boolean mayCall = !chat.tools().isEmpty() && !chat.toolChoice().equals(ToolChoice.NONE);
        if (mayCall) {
            throw ApiError.invalid(
                    "response_format",
                    "An answer cannot be held to a JSON form and call tools. Send response_format without tools, or with"
                            + " tool_choice none.");
        }
        options.jsonSchema(schema);
    }
}
