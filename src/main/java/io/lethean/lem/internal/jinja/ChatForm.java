package io.lethean.lem.internal.jinja;

import io.lethean.lem.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How a conversation is given to a template.
 *
 * @param folded whether system turns become part of user turns
 * @param typedRoles the roles with content that is a list of one text part instead of text
 */
record ChatForm(boolean folded, Set<String> typedRoles) {

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
        addForms(forms, false, messages);
        if (messages.stream().anyMatch(message -> message.role().equals(SYSTEM))) {
            addForms(forms, true, fold(messages));
        }
        return forms;
    }

    private static void addForms(List<ChatForm> forms, boolean folded, List<Message> messages) {
        Set<String> present = new TreeSet<>();
        messages.forEach(message -> present.add(message.role()));
        forms.add(new ChatForm(folded, Set.of()));
        forms.add(new ChatForm(folded, present));
        List<String> roles = List.copyOf(present);
        int all = (1 << roles.size()) - 1;
        for (int choice = 1; roles.size() <= MOST_COMBINED && choice < all; choice++) {
            Set<String> typed = new TreeSet<>();
            for (int role = 0; role < roles.size(); role++) {
                if ((choice >> role & 1) == 1) {
                    typed.add(roles.get(role));
                }
            }
            forms.add(new ChatForm(folded, typed));
        }
    }

    /** The turns as templates know them, with the members in the usual order, which a template that prints them shows. */
    List<Map<String, Object>> turns(List<Message> messages) {
        return (folded ? fold(messages) : messages).stream().map(this::turn).toList();
    }

    private Map<String, Object> turn(Message message) {
        Map<String, Object> turn = new LinkedHashMap<>();
        turn.put("role", message.role());
        turn.put("content", typedRoles.contains(message.role()) ? List.of(part(message)) : message.content());
        return turn;
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
