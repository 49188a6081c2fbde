package io.lethean.lem.server.internal.api;

import io.lethean.lem.ToolCall;
import io.lethean.lem.model.AnswerParts;
import io.lethean.lem.model.Generation;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The parts of an answer in OpenAI's shapes. */
final class ChatParts {

    private ChatParts() {}

    /** @param calls whether the answer calls tools */
    static String reason(Generation answer, boolean calls) {
        return calls && !answer.finishReason().isLimit() ? "tool_calls" : Finish.reason(answer);
    }

    static void putMessage(ObjectNode message, AnswerParts parts) {
        List<ToolCall> calls = parts.toolCalls();
        message.put("role", "assistant");
        boolean empty = !calls.isEmpty() && parts.content().isBlank();
        message.put("content", empty ? null : parts.content());
        message.putNull("refusal");
        parts.thinking().ifPresent(thinking -> message.put("reasoning_content", thinking));
        if (!calls.isEmpty()) {
            ArrayNode array = message.putArray("tool_calls");
            calls.forEach(call -> putCall(array.addObject(), call));
        }
    }

    static void putCall(ObjectNode node, ToolCall call) {
        node.put("id", call.id());
        node.put("type", "function");
        ObjectNode function = node.putObject("function");
        function.put("name", call.name());
        function.put("arguments", call.arguments());
    }
}
