package io.lethean.lem.server.internal.api;

import io.lethean.lem.ToolCall;
import io.lethean.lem.model.AnswerParser;
import io.lethean.lem.model.AnswerParts;
import io.lethean.lem.model.Generation;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The parts of an answer in OpenAI's shapes. */
final class ChatParts {

    private ChatParts() {}

    /** The parts of an answer; with {@code oneCall}, calls after the first are left out. */
    static AnswerParts of(AnswerParser parser, Generation answer, boolean oneCall) {
        return limited(parser.parse(answer).parts(), oneCall);
    }

    static AnswerParts limited(AnswerParts parts, boolean oneCall) {
        if (!oneCall || parts.toolCalls().size() < 2) {
            return parts;
        }
        return new AnswerParts(
                parts.content(), parts.thinking(), parts.toolCalls().subList(0, 1), parts.malformedCalls());
    }

    static String reason(Generation answer, AnswerParts parts) {
        boolean calls = !parts.toolCalls().isEmpty() && !answer.finishReason().isLimit();
        return calls ? "tool_calls" : Finish.reason(answer);
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
