package io.lethean.lem.internal.jinja;

import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import io.lethean.lem.internal.io.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;

/**
 * How calls of tools are given to a template.
 *
 * @param asText whether arguments are JSON text instead of a mapping
 * @param withoutContent whether the content of a turn that has calls and no words is Python's None instead of an empty text
 * @param apart whether words and calls of a turn become two turns
 */
record CallForm(boolean asText, boolean withoutContent, boolean apart) {

    /** As transformers documents it. */
    static final CallForm USUAL = new CallForm(false, false, false);

    /** The forms to try for a conversation, the usual one first. */
    static List<CallForm> candidates(List<Message> messages) {
        List<CallForm> forms = new ArrayList<>(List.of(USUAL));
        if (messages.stream().allMatch(message -> message.toolCalls().isEmpty())) {
            return forms;
        }
        forms.add(new CallForm(true, false, false));
        forms.add(new CallForm(false, true, false));
        forms.add(new CallForm(true, true, false));
        if (messages.stream().anyMatch(CallForm::hasBoth)) {
            List.copyOf(forms).forEach(form -> forms.add(new CallForm(form.asText, form.withoutContent, true)));
        }
        return forms;
    }

    private static boolean hasBoth(Message message) {
        return !message.toolCalls().isEmpty() && !message.content().isBlank();
    }

    /** The turns that the form makes of a conversation. */
    List<Message> split(List<Message> messages) {
        if (!apart) {
            return messages;
        }
        List<Message> result = new ArrayList<>();
        for (Message message : messages) {
            if (hasBoth(message)) {
                result.add(message.withToolCalls(List.of()));
                result.add(new Message(message.role(), "").withToolCalls(message.toolCalls()));
            } else {
                result.add(message);
            }
        }
        return result;
    }

    /** Whether the content of a turn is given as None. */
    boolean hidesContent(Message message) {
        return withoutContent
                && !message.toolCalls().isEmpty()
                && message.content().isBlank();
    }

    List<Map<String, Object>> calls(List<ToolCall> calls) {
        return calls.stream().map(this::call).toList();
    }

    private Map<String, Object> call(ToolCall call) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", call.name());
        function.put("arguments", asText ? call.arguments() : mapping(call.arguments()));
        Map<String, Object> entry = new LinkedHashMap<>();
        if (!call.id().isEmpty()) {
            entry.put("id", call.id());
        }
        entry.put("type", "function");
        entry.put("function", function);
        return entry;
    }

    /** Arguments that are not an object stay text, since templates may still show them. */
    private static Object mapping(String arguments) {
        try {
            return Json.parse(arguments) instanceof Map<?, ?> mapping ? mapping : arguments;
        } catch (JacksonException malformed) {
            return arguments;
        }
    }
}
