package io.lethean.lem.train.dataset;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds where in a rendered conversation each of the assistant's turns stands, for any template.
 *
 * <p>A turn begins where the text up to it with the generation prompt ends, and ends where the text up to and with it
 * ends, provided that both are how the whole text begins. Templates exist for which they are not: some drop the
 * reasoning of earlier turns, some move the system message to the last question. There a turn is found by replacing its
 * content by other words and seeing where the text changes, and its frame by what frames it at the end of a shorter
 * conversation.
 */
final class AssistantTurns {

    static final String ROLE = "assistant";

    /** No two begin or end alike, so that of each end at least two differ from whatever the content has there. */
    private static final List<String> STAND_INS = List.of("Q5j", "7Wz", "uH0");

    private final ChatRenderer renderer;
    private final List<Message> messages;
    private final String text;

    /** Characters {@code start} (inclusive) to {@code end} (exclusive) of the whole text. */
    record Span(int start, int end) {}

    AssistantTurns(ChatRenderer renderer, List<Message> messages, String text) {
        this.renderer = renderer;
        this.messages = messages;
        this.text = text;
    }

    static boolean isAssistant(Message message) {
        return message.role().equals(ROLE);
    }

    /** The turns in order by their index, each with what closes it; a turn that the template leaves out is missing. */
    Map<Integer, Span> spans() {
        Map<Integer, Span> spans = new LinkedHashMap<>();
        int from = 0;
        for (int turn = 0; turn < messages.size(); turn++) {
            if (isAssistant(messages.get(turn))) {
                Optional<Span> span = span(turn, from);
                if (span.isPresent()) {
                    spans.put(turn, span.get());
                    from = span.get().end();
                }
            }
        }
        return spans;
    }

    private Optional<Span> span(int turn, int from) {
        Optional<String> before = render(messages.subList(0, turn), true);
        Optional<String> through = render(messages.subList(0, turn + 1), false);
        boolean start = before.filter(text::startsWith)
                .filter(head -> head.length() >= from)
                .isPresent();
        boolean end = through.filter(text::startsWith).isPresent();
        if (start && end && before.get().length() <= through.get().length()) {
            return Optional.of(new Span(before.get().length(), through.get().length()));
        }
        return content(messages, text, turn)
                .map(content -> new Span(start(turn, from, content, before), end(turn, content, through)));
    }

    /** Where the model would begin to speak: after the generation prompt, which may be shorter in the whole text. */
    private int start(int turn, int from, Span content, Optional<String> before) {
        if (before.isEmpty()) {
            return content.start();
        }
        int common = commonPrefix(before.get(), text);
        if (common == before.get().length() && common >= from && common <= content.start()) {
            return common;
        }
        Optional<String> prompt = render(messages.subList(0, turn), false)
                .filter(before.get()::startsWith)
                .map(shorter -> before.get().substring(shorter.length()))
                .filter(added -> !added.isEmpty());
        if (prompt.isPresent()) {
            int at = text.lastIndexOf(
                    prompt.get(), content.start() - prompt.get().length());
            if (at >= from) {
                return at + prompt.get().length();
            }
        }
        boolean reachesTurn = turn == 0
                || content(messages, text, turn - 1)
                        .filter(previous -> common >= previous.end())
                        .isPresent();
        return reachesTurn ? Math.clamp(common, from, content.start()) : content.start();
    }

    /** Where the turn ends: after its content and as much of what closes it elsewhere as follows here too. */
    private int end(int turn, Span content, Optional<String> through) {
        if (through.isEmpty()) {
            return content.end();
        }
        String tail = content(messages.subList(0, turn + 1), through.get(), turn)
                .map(span -> through.get().substring(span.end()))
                .orElse("");
        return content.end() + commonPrefix(text.substring(content.end()), tail);
    }

    /** Where a turn's content is in the text of a conversation; empty if the text does not depend on it. */
    private Optional<Span> content(List<Message> conversation, String rendered, int turn) {
        int prefix = rendered.length();
        int suffix = rendered.length();
        boolean found = false;
        for (String standIn : STAND_INS) {
            List<Message> changed = new ArrayList<>(conversation);
            changed.set(turn, new Message(conversation.get(turn).role(), standIn));
            Optional<String> other = render(changed, false).filter(variant -> variant.contains(standIn));
            if (other.isPresent()) {
                found = true;
                prefix = Math.min(prefix, commonPrefix(rendered, other.get()));
                suffix = Math.min(suffix, commonSuffix(rendered, other.get()));
            }
        }
        return found ? Optional.of(new Span(prefix, Math.max(prefix, rendered.length() - suffix))) : Optional.empty();
    }

    /** Empty for no conversation, and where the template refuses it, such as one that begins with an answer. */
    private Optional<String> render(List<Message> conversation, boolean addGenerationPrompt) {
        if (conversation.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(renderer.render(conversation, addGenerationPrompt));
        } catch (ChatTemplateException e) {
            return Optional.empty();
        }
    }

    private static int commonPrefix(String one, String other) {
        int length = Math.min(one.length(), other.length());
        for (int i = 0; i < length; i++) {
            if (one.charAt(i) != other.charAt(i)) {
                return i;
            }
        }
        return length;
    }

    private static int commonSuffix(String one, String other) {
        int length = Math.min(one.length(), other.length());
        for (int i = 1; i <= length; i++) {
            if (one.charAt(one.length() - i) != other.charAt(other.length() - i)) {
                return i - 1;
            }
        }
        return length;
    }
}
