package io.lethean.lem.model;

import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A turn as an object of JSON; members that a plain turn lacks are left out. */
final class SavedMessage {

    private SavedMessage() {}

    static Map<String, Object> write(Message message) {
        Map<String, Object> saved = new LinkedHashMap<>();
        saved.put("role", message.role());
        saved.put("content", message.content());
        message.thinking().ifPresent(thinking -> saved.put("thinking", thinking));
        if (!message.toolCalls().isEmpty()) {
            List<Map<String, String>> calls = new ArrayList<>();
            message.toolCalls()
                    .forEach(call ->
                            calls.add(Map.of("id", call.id(), "name", call.name(), "arguments", call.arguments())));
            saved.put("tool_calls", calls);
        }
        message.toolCallId().ifPresent(id -> saved.put("tool_call_id", id));
        return saved;
    }

    /** @throws RuntimeException of Jackson if a member is missing or is not a string */
    static Message read(JsonNode saved) {
        List<ToolCall> calls = new ArrayList<>();
        for (JsonNode call : saved.path("tool_calls")) {
            calls.add(new ToolCall(
                    call.required("id").stringValue(),
                    call.required("name").stringValue(),
                    call.required("arguments").stringValue()));
        }
        return new Message(
                saved.required("role").stringValue(),
                saved.required("content").stringValue(),
                Optional.ofNullable(saved.get("thinking")).map(JsonNode::stringValue),
                calls,
                Optional.ofNullable(saved.get("tool_call_id")).map(JsonNode::stringValue));
    }
}
