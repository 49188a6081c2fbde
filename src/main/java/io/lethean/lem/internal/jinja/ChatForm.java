package io.lethean.lem.internal.jinja;

import io.lethean.lem.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How a conversation is given to a template.
 *
 * @param folded whether system turns become part of user turns
 * @param typedRoles the roles with content that is a list of one text part instead of text
 * @param calls how calls of tools are given
 */
record ChatForm(boolean folded, Set<String> typedRoles, CallForm calls) {

    static final String SYSTEM = "system";
    private static final String USER = "user";
    private static final String BLANK_LINE = "\n\n";

    /** More roles than this are typed all or not at all. */
    private static final int MOST_COMBINED = 4;

    ChatForm {
        typedRoles = Set.copyOf(typedRoles);
    }

    /** The forms to try for a conversation, the plainest first. */
    static List<ChatForm> candidates(List<Message> messages) {
        List<ChatForm> forms = new ArrayList<>();
        List<CallForm> calls = CallForm.candidates(messages);
        calls.forEach(form -> addForms(forms, false, messages, form));
        if (messages.stream().anyMatch(message -> message.role().equals(SYSTEM))) {
            calls.forEach(form -> addForms(forms, true, fold(messages), form));
        }
        return forms;
    }

    private static void addForms(List<ChatForm> forms, boolean folded, List<Message> messages, CallForm calls) {
        Set<String> present = new TreeSet<>();
        messages.forEach(message -> present.add(message.role()));
        forms.add(new ChatForm(folded, Set.of(), calls));
        forms.add(new ChatForm(folded, present, calls));
        List<String> roles = List.copyOf(present);
        int all = (1 << roles.size()) - 1;
        boolean combined = roles.size() <= MOST_COMBINED && calls.equals(CallForm.USUAL);
        for (int choice = 1; combined && choice < all; choice++) {
            Set<String> typed = new TreeSet<>();
            for (int role = 0; role < roles.size(); role++) {
                if ((choice >> role & 1) == 1) {
                    typed.add(roles.get(role));
                }
            }
            forms.add(new ChatForm(folded, typed, calls));
        }
    }

    /** The turns as templates know them, with the members in the usual order, which a template that prints them shows. */
    List<Map<String, @Nullable Object>> turns(List<Message> messages) {
        Map<String, String> toolNames = new HashMap<>();
        List<Map<String, @Nullable Object>> turns = new ArrayList<>();
        for (Message message : calls.split(folded ? fold(messages) : messages)) {
            message.toolCalls().forEach(call -> toolNames.put(call.id(), call.name()));
            turns.add(turn(message, toolNames));
        }
        return turns;
    }

    private Map<String, @Nullable Object> turn(Message message, Map<String, String> toolNames) {
        Map<String, @Nullable Object> turn = new LinkedHashMap<>();
        turn.put("role", message.role());
        turn.put("content", content(message));
        message.thinking().ifPresent(thinking -> turn.put("reasoning_content", thinking));
        if (!message.toolCalls().isEmpty()) {
            turn.put("tool_calls", calls.calls(message.toolCalls()));
        }
        message.toolCallId().ifPresent(id -> {
            turn.put("tool_call_id", id);
            Optional.ofNullable(toolNames.get(id)).ifPresent(name -> turn.put("name", name));
        });
        return turn;
    }

    private @Nullable Object content(Message message) {
        if (calls.hidesContent(message)) {
            return null;
        }
        return typedRoles.contains(message.role()) ? List.of(part(message)) : message.content();
    }

    private static Map<String, Object> part(Message message) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("type", "text");
        part.put("text", message.content());
        return part;
    }

    /** The conversation without system turns: their contents go before that of the next user turn. */
    private static List<Message> fold(List<Message> messages) {
        List<Message> result = new ArrayList<>();
        List<String> waiting = new ArrayList<>();
        for (Message message : messages) {
            if (message.role().equals(SYSTEM)) {
                waiting.add(message.content());
            } else if (message.role().equals(USER) && !waiting.isEmpty()) {
                waiting.add(message.content());
                result.add(Message.user(String.join(BLANK_LINE, waiting)));
                waiting.clear();
            } else {
                result.add(message);
            }
        }
        if (!waiting.isEmpty()) {
            result.add(Message.user(String.join(BLANK_LINE, waiting)));
        }
        return result;
    }
}
