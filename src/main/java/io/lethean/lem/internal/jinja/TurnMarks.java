package io.lethean.lem.internal.jinja;

import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Words in place of contents, by which a rendered text tells which turns it shows.
 *
 * <p>Templates may trim, escape or rearrange contents, and a content may also be in another turn or in the template. So
 * the content itself is not searched. Upper and lower case are the same, since templates may change that too.
 */
final class TurnMarks {

    /** Parts that were printed as Python or JSON show them, instead of read. */
    private static final Pattern PRINTED_PARTS = Pattern.compile("['\"]type['\"]: ?['\"]text['\"]");

    private static final String ARGUMENT = "Q5jKey";
    private static final String THOUGHTS = "Q5jThoughts";

    /** Arguments that were printed as Python shows a mapping, or written as JSON twice. */
    private static final String PRINTED_ARGUMENT = "'q5jkey':";

    private static final String QUOTED_ARGUMENT = "\\\"q5jkey";

    private TurnMarks() {}

    private static String mark(int turn) {
        return "Turn" + turn + "Q5jShown";
    }

    private static String call(int turn, int call) {
        return "Turn" + turn + "Call" + call + "Q5jShown";
    }

    static String tool(int tool) {
        return "Tool" + tool + "Q5jShown";
    }

    static String document(int document) {
        return "Document" + document + "Q5jShown";
    }

    private static String head(int turn) {
        return "Turn" + turn + "Q5jBegins";
    }

    private static String tail(int turn) {
        return "Turn" + turn + "Q5jEnds";
    }

    /** The conversation with a mark in place of each content. Whitespace stays, since templates may treat it apart. */
    static List<Message> shape(List<Message> messages) {
        List<Message> marked = new ArrayList<>();
        for (Message message : messages) {
            String content = message.content().isBlank() ? message.content() : mark(marked.size());
            marked.add(withMarkedCalls(message, marked.size()).withContent(content));
        }
        return marked;
    }

    /** A turn with a mark as the only argument of each call, and as its thoughts, which a template may leave out. */
    private static Message withMarkedCalls(Message message, int turn) {
        List<ToolCall> calls = new ArrayList<>();
        for (ToolCall call : message.toolCalls()) {
            String arguments = "{\"" + ARGUMENT + "\": \"" + call(turn, calls.size()) + "\"}";
            calls.add(new ToolCall(call.id(), call.name(), arguments));
        }
        Message marked = message.withToolCalls(calls);
        return message.thinking().isPresent() ? marked.withThinking(THOUGHTS) : marked;
    }

    /** The conversation with a mark in place of one content, after it, and before it. */
    static List<List<Message>> each(List<Message> messages, int turn) {
        Message message = withMarkedCalls(messages.get(turn), turn);
        if (message.content().isBlank()) {
            List<Message> marked = new ArrayList<>(messages);
            marked.set(turn, message);
            return List.of(marked);
        }
        return Stream.of(mark(turn), message.content() + " " + mark(turn), mark(turn) + " " + message.content())
                .map(content -> {
                    List<Message> marked = new ArrayList<>(messages);
                    marked.set(turn, message.withContent(content));
                    return marked;
                })
                .toList();
    }

    /** The conversation with marks around the words of some turns that a template must not leave out. */
    static List<Message> around(List<Message> messages, List<Integer> turns) {
        List<Message> marked = new ArrayList<>(messages);
        for (int turn : turns) {
            Message message = messages.get(turn);
            String words = Reasoning.without(message);
            int at = message.content().lastIndexOf(words);
            String content = message.content().substring(0, at) + head(turn) + " " + words + " " + tail(turn)
                    + message.content().substring(at + words.length());
            marked.set(turn, message.withContent(content));
        }
        return marked;
    }

    /** The turns with a mark that a rendering does not show; all if it prints parts instead of reading them. */
    static List<Integer> missing(List<Message> messages, ChatForm form, String rendered) {
        if (!form.typedRoles().isEmpty() && PRINTED_PARTS.matcher(rendered).find()) {
            return spoken(messages);
        }
        OrderedSearch text = new OrderedSearch(rendered.toLowerCase(Locale.ROOT));
        return spoken(messages).stream()
                .filter(turn -> !isShown(messages.get(turn), turn, text))
                .toList();
    }

    private static boolean isShown(Message message, int turn, OrderedSearch text) {
        boolean shown = message.content().isBlank() || text.has(mark(turn).toLowerCase(Locale.ROOT));
        for (int call = 0; call < message.toolCalls().size(); call++) {
            shown &= text.has(call(turn, call).toLowerCase(Locale.ROOT));
        }
        return shown && (message.toolCalls().isEmpty() || !text.has(PRINTED_ARGUMENT) && !text.has(QUOTED_ARGUMENT));
    }

    /** The first tool or document of which a rendering of {@link TemplateVariables#marked} does not show a mark. */
    static Optional<String> missing(TemplateVariables variables, String rendered) {
        OrderedSearch text = new OrderedSearch(rendered.toLowerCase(Locale.ROOT));
        for (int tool = 0; tool < variables.tools().size(); tool++) {
            if (!text.has(tool(tool).toLowerCase(Locale.ROOT))) {
                return Optional.of("the tool " + variables.toolName(tool));
            }
        }
        for (int document = 0; document < variables.documents().size(); document++) {
            if (!text.has(document(document).toLowerCase(Locale.ROOT))) {
                return Optional.of("document " + (document + 1));
            }
        }
        return Optional.empty();
    }

    /** The turns with a beginning or end that a rendering of {@link #around} does not show. */
    static List<Integer> cut(List<Integer> turns, String rendered) {
        OrderedSearch text = new OrderedSearch(rendered.toLowerCase(Locale.ROOT));
        return turns.stream()
                .filter(turn -> !text.has(head(turn).toLowerCase(Locale.ROOT))
                        || !text.has(tail(turn).toLowerCase(Locale.ROOT)))
                .toList();
    }

    /** The turns that have something to lose. */
    static List<Integer> spoken(List<Message> messages) {
        List<Integer> turns = new ArrayList<>();
        for (int turn = 0; turn < messages.size(); turn++) {
            Message message = messages.get(turn);
            if (!message.content().isBlank() || !message.toolCalls().isEmpty()) {
                turns.add(turn);
            }
        }
        return turns;
    }
}
