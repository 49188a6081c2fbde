package io.lethean.lem.server.internal.api;

import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Reads the turns of a conversation. */
final class MessageReader {

    private MessageReader() {}

    static List<Message> read(Params request) {
        List<JsonNode> given = request.list("messages");
        if (given.isEmpty()) {
            throw request.any("messages").isEmpty()
                    ? request.missing("messages")
                    : ApiError.invalid("messages", "messages is empty; send at least one message.");
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            Params turn = Params.of(given.get(i), "messages[" + i + "]");
            messages.add(message(turn));
            turn.refuseOthers();
        }
        return messages;
    }

    private static Message message(Params turn) {
        String role = turn.requireText("role");
        return switch (role) {
            case "system", "developer" -> Message.system(requireContent(turn));
            case "user" -> Message.user(requireContent(turn));
            case "assistant" -> assistant(turn);
            case "tool" -> {
                turn.ignore("name");
                yield Message.tool(turn.requireText("tool_call_id"), requireContent(turn));
            }
            default ->
                throw ApiError.invalid(
                        turn.path("role"),
                        turn.path("role") + " is '" + role
                                + "' and must be system, developer, user, assistant or tool.");
        };
    }

    private static Message assistant(Params turn) {
        List<ToolCall> calls = new ArrayList<>();
        List<JsonNode> given = turn.list("tool_calls");
        for (int i = 0; i < given.size(); i++) {
            calls.add(call(Params.of(given.get(i), turn.path("tool_calls[" + i + "]"))));
        }
        Optional<String> content = content(turn);
        if (content.isEmpty() && calls.isEmpty()) {
            throw turn.missing("content");
        }
        Message message = Message.assistant(content.orElse(""), calls);
        Optional<String> thinking = turn.text("reasoning_content");
        return thinking.map(message::withThinking).orElse(message);
    }

    private static ToolCall call(Params call) {
        call.ignore("index");
        requireFunction(call);
        Params function = call.object("function").orElseThrow(() -> call.missing("function"));
        ToolCall read = new ToolCall(
                call.text("id").orElse(""),
                function.requireText("name"),
                function.text("arguments").orElse("{}"));
        function.refuseOthers();
        call.refuseOthers();
        return read;
    }

    /** Refuses types of tools and calls other than functions. */
    static void requireFunction(Params typed) {
        String type = typed.text("type").orElse("function");
        if (!type.equals("function")) {
            throw ApiError.invalid(typed.path("type"), typed.path("type") + " is '" + type + "' and must be function.");
        }
    }

    private static String requireContent(Params turn) {
        return content(turn).orElseThrow(() -> turn.missing("content"));
    }

    /** A string, or parts of text that are joined. */
    private static Optional<String> content(Params turn) {
        Optional<JsonNode> content = turn.any("content");
        if (content.isEmpty()) {
            return Optional.empty();
        }
        if (content.get().isString()) {
            return turn.text("content");
        }
        StringBuilder text = new StringBuilder();
        List<JsonNode> parts = turn.list("content");
        for (int i = 0; i < parts.size(); i++) {
            Params part = Params.of(parts.get(i), turn.path("content[" + i + "]"));
            String type = part.requireText("type");
            if (!type.equals("text")) {
                throw ApiError.invalid(
                        part.path("type"),
                        part.path("type") + " is '" + type + "', and this server reads parts of type text only.");
            }
            text.append(part.requireText("text"));
            part.refuseOthers();
        }
        return Optional.of(text.toString());
    }
}
