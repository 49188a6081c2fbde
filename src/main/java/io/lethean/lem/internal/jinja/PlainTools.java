package io.lethean.lem.internal.jinja;

import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import io.lethean.lem.internal.io.PythonJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tools in words, for templates that do not know them: what there is to call is part of the system turn, calls are the
 * words of the model, and results are words of the user.
 *
 * <p>A call is one JSON object with {@code name} and {@code parameters}, as Llama 3.1 and Gemma 3 are asked for it.
 */
final class PlainTools {

    private static final String SYSTEM = "system";
    private static final String USER = "user";
    private static final String BLANK_LINE = "\n\n";

    private static final String INTRODUCTION =
            "You can call the functions below. Each line is the JSON Schema of one.\n";
    private static final String DEMAND = "\nTo call a function, answer with a JSON object on a line of its own and with"
            + " nothing else:\n{\"name\": \"the name of the function\", \"parameters\": {\"the name of a parameter\": its"
            + " value}}\nThen you will be told the result. If no function is needed, answer in words.";

    private PlainTools() {}

    /** The conversation with words in place of tools, calls and results. */
    static List<Message> words(List<Message> messages, List<Map<String, @Nullable Object>> tools) {
        List<Message> result = new ArrayList<>();
        Map<String, String> names = new HashMap<>();
        boolean afterResult = false;
        for (Message message : tools.isEmpty() ? messages : withIntroduction(messages, introduction(tools))) {
            message.toolCalls().forEach(call -> names.put(call.id(), call.name()));
            Message said = said(message, names);
            if (afterResult && said.role().equals(USER)) {
                Message before = result.removeLast();
                result.add(Message.user(before.content() + BLANK_LINE + said.content()));
            } else {
                result.add(said);
            }
            afterResult = said.role().equals(USER)
                    && (afterResult || message.toolCallId().isPresent());
        }
        return result;
    }

    private static String introduction(List<Map<String, @Nullable Object>> tools) {
        StringBuilder text = new StringBuilder(INTRODUCTION);
        for (Map<String, @Nullable Object> tool : tools) {
            text.append(PythonJson.readable(TemplateVariables.function(tool))).append('\n');
        }
        return text.append(DEMAND).toString();
    }

    private static List<Message> withIntroduction(List<Message> messages, String introduction) {
        List<Message> result = new ArrayList<>(messages);
        if (messages.getFirst().role().equals(SYSTEM)) {
            result.set(0, Message.system(messages.getFirst().content() + BLANK_LINE + introduction));
        } else {
            result.addFirst(Message.system(introduction));
        }
        return result;
    }

    private static Message said(Message message, Map<String, String> names) {
        if (message.toolCallId().isPresent()) {
            String name = names.getOrDefault(message.toolCallId().get(), "the function");
            return Message.user("Result of " + name + ":\n" + message.content());
        }
        if (message.toolCalls().isEmpty()) {
            return message;
        }
        List<String> lines = new ArrayList<>();
        if (!message.content().isBlank()) {
            lines.add(message.content());
        }
        message.toolCalls().forEach(call -> lines.add(call(call)));
        return message.withToolCalls(List.of()).withContent(String.join("\n", lines));
    }

    private static String call(ToolCall call) {
        return "{\"name\": " + PythonJson.readable(call.name()) + ", \"parameters\": " + call.arguments() + "}";
    }
}
