package io.lethean.lem.internal.jinja;

import io.lethean.lem.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

    private TurnMarks() {}

    private static String mark(int turn) {
        return "Turn" + turn + "Q5jShown";
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
            marked.add(message.content().isBlank() ? message : new Message(message.role(), mark(marked.size())));
        }
        return marked;
    }

    /** The conversation with a mark in place of one content, after it, and before it. */
    static List<List<Message>> each(List<Message> messages, int turn) {
        Message message = messages.get(turn);
        return Stream.of(mark(turn), message.content() + " " + mark(turn), mark(turn) + " " + message.content())
                .map(content -> {
                    List<Message> marked = new ArrayList<>(messages);
                    marked.set(turn, new Message(message.role(), content));
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
            marked.set(turn, new Message(message.role(), content));
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
                .filter(turn -> !text.has(mark(turn).toLowerCase(Locale.ROOT)))
                .toList();
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
            if (!messages.get(turn).content().isBlank()) {
                turns.add(turn);
            }
        }
        return turns;
    }
}
