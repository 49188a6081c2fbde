package io.lethean.lem.internal.tools;

import io.lethean.lem.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Tells thoughts, words and calls of an answer apart.
 *
 * <p>An answer may also be read while it grows. What is then found of words and thoughts is the beginning of what is found
 * later.
 */
public final class AnswerReader {

    private final Optional<ThinkTags> tags;
    private final boolean opened;
    private final Optional<CallReader> calls;

    /**
     * What an answer is made of.
     *
     * @param content the words outside of thoughts and calls
     * @param thinking empty if the model wrote no thoughts
     * @param calls in order
     * @param malformed the texts of calls that cannot be read; they are part of the content
     */
    public record Reading(String content, Optional<String> thinking, List<ToolCall> calls, List<String> malformed) {}

    /** @param opened whether the prompt ends inside a thought */
    AnswerReader(Optional<ThinkTags> tags, boolean opened, Optional<CallReader> calls) {
        this.tags = tags;
        this.opened = opened;
        this.calls = calls;
    }

    /** Reads an answer that has ended. */
    public Reading read(String text) {
        return new Pass(text, true).run();
    }

    /** Reads the beginning of an answer; what may become part of a tag or call is left for later. */
    public Reading readSoFar(String text) {
        return new Pass(text, false).run();
    }

    /** One reading of one text. */
    private final class Pass {
        private final String text;
        private final boolean finished;
        private final List<ToolCall> found = new ArrayList<>();
        private final List<String> malformed = new ArrayList<>();
        private final StringBuilder content = new StringBuilder();
        private final StringBuilder piece = new StringBuilder();
        private @Nullable String thinking;
        private int at;
        private boolean held;

        Pass(String text, boolean finished) {
            this.text = text;
            this.finished = finished;
        }

        Reading run() {
            tags.ifPresent(this::readThoughts);
            if (!held) {
                if (calls.isPresent()) {
                    readCalls(calls.get());
                } else {
                    appendRest();
                }
            }
            endPiece(false);
            return new Reading(
                    content.toString(), Optional.ofNullable(thinking), List.copyOf(found), List.copyOf(malformed));
        }

        private void readThoughts(ThinkTags tags) {
            boolean inside = opened;
            while (true) {
                int begin = JsonScan.skipSpace(text, at);
                if (!inside && !text.startsWith(tags.open(), begin)) {
                    held = !finished && JsonScan.couldBegin(text, begin, tags.open());
                    return;
                }
                if (inside && !finished && JsonScan.couldBegin(text, begin, tags.open())) {
                    held = true;
                    return;
                }
                begin += text.startsWith(tags.open(), begin) ? tags.open().length() : 0;
                int end = text.indexOf(tags.close(), begin);
                if (end < 0) {
                    addThought(text.substring(begin, finished ? text.length() : certain(tags.close(), begin)));
                    held = true;
                    at = text.length();
                    return;
                }
                addThought(text.substring(begin, end));
                at = JsonScan.skipSpace(text, end + tags.close().length());
                inside = false;
            }
        }

        private void addThought(String thought) {
            String more = thought.strip();
            thinking =
                    thinking == null || thinking.isEmpty() ? more : more.isEmpty() ? thinking : thinking + "\n" + more;
        }

        /** Up to where the text cannot be the beginning of a tag. */
        private int certain(String tag, int from) {
            for (int begin = Math.max(from, text.length() - tag.length() + 1); begin < text.length(); begin++) {
                if (tag.startsWith(text.substring(begin))) {
                    return begin;
                }
            }
            return text.length();
        }

        private void readCalls(CallReader reader) {
            Matcher start = reader.start().matcher(text);
            while (start.region(at, text.length()).find()) {
                piece.append(text, at, start.start());
                at = start.start();
                switch (reader.read(text, at)) {
                    case CallReader.Calls whole -> addCalls(whole.calls(), whole.end());
                    case CallReader.Closing closing when finished -> addCalls(closing.calls(), text.length());
                    case CallReader.Unfinished cut when finished -> keep(cut.end(), true);
                    case CallReader.Malformed bad -> keep(bad.end(), true);
                    case CallReader.Words words -> keep(words.end(), false);
                    case CallReader.Closing _ -> {
                        return;
                    }
                    case CallReader.Unfinished _ -> {
                        return;
                    }
                }
            }
            int end = finished ? text.length() : certainOfCalls(start);
            piece.append(text, at, end);
            at = end;
        }

        /** Up to where the text cannot be the beginning of a call: more text could change the match. */
        @SuppressWarnings("JdkObsolete")
        private int certainOfCalls(Matcher start) {
            for (int begin = Math.max(at, text.length() - LONGEST_START); begin < text.length(); begin++) {
                boolean found = start.region(begin, text.length()).lookingAt();
                if (!found && start.hitEnd()) {
                    return begin;
                }
            }
            return text.length();
        }

        private void appendRest() {
            piece.append(text, at, text.length());
        }

        private void addCalls(List<ToolCall> more, int end) {
            endPiece(true);
            found.addAll(more);
            at = end;
        }

        private void keep(int end, boolean bad) {
            if (bad) {
                malformed.add(text.substring(at, end));
            }
            piece.append(text, at, end);
            at = end;
        }

        /** Words on both sides of calls are lines of their own; without calls the words are as they were written. */
        private void endPiece(boolean beforeCall) {
            String words = piece.toString();
            words = found.isEmpty() && thinking == null ? words : words.stripLeading();
            words = beforeCall || !finished ? words.stripTrailing() : words;
            if (!words.isBlank() && !content.isEmpty()) {
                content.append('\n');
            }
            content.append(words);
            piece.setLength(0);
        }
    }

    /** No call begins with a longer text, spaces included. */
    private static final int LONGEST_START = 160;
}
