package io.lethean.lem.internal.jinja;

import io.lethean.lem.Message;
import java.util.regex.Pattern;

/** What models write before an answer, and what templates leave out of earlier turns on purpose. */
final class Reasoning {

    /** Ends thoughts: such as {@code </think>}, {@code [/THINK]} or {@code <|END_THINKING|>}. */
    private static final Pattern END = Pattern.compile(
            "(?i)<channel\\|>|[<\\[\u25C1][^<>\\[\\]\u25C1\u25B7\\n]{0,20}(?:/|end)[^<>\\[\\]\u25C1\u25B7\\n]{0,20}"
                    + "(?:think|thought|reason)[^<>\\[\\]\u25C1\u25B7\\n]{0,20}[>\\]\u25B7]");

    /** Stands between the parts of an answer: such as {@code [BEGIN FINAL RESPONSE]} or {@code <answer>}. */
    private static final Pattern MARK = Pattern.compile(
            "(?i)[<\\[\u25C1][^<>\\[\\]\u25C1\u25B7\\n]{0,20}(?:think|thought|reason|channel|response|answer)"
                    + "[^<>\\[\\]\u25C1\u25B7\\n]{0,20}[>\\]\u25B7]");

    private Reasoning() {}

    /** The words of a turn that no template may leave out, stripped; empty if there are no such words. */
    static String without(Message message) {
        if (!message.role().equals("assistant")) {
            return message.content().strip();
        }
        String[] afterThoughts = END.split(message.content(), -1);
        String last = "";
        for (String piece : MARK.split(afterThoughts[afterThoughts.length - 1])) {
            last = piece.isBlank() ? last : piece.strip();
        }
        return last;
    }
}
