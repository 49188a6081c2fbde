package io.lethean.lem.internal.tools;

import io.lethean.lem.ToolCall;
import io.lethean.lem.internal.tools.AnswerReader.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Tells thoughts, words and calls of one answer apart while it grows, in a time that is proportional to its length: what is
 * settled is not looked at again.
 */
public final class AnswerScan {

    /** No call begins with a longer text, spaces included. */
    private static final int LONGEST_START = 160;

    /** A call that is not finished is read again when it has grown by this part. */
    private static final int PATIENCE = 8;

    private final Optional<ThinkTags> tags;
    private final Optional<CallReader> reader;
    private final SpacedWords words = new SpacedWords();
    private final SpacedWords thoughts = new SpacedWords();

    /** What is not settled, with the character before it. */
    private final StringBuilder held = new StringBuilder();

    private String text = "";
    private int at;
    private int due;
    private boolean opened;
    private boolean inThought;
    private boolean inWords;
    private boolean thinks;
    private boolean calls;

    /** Whether what comes next counts as the beginning of a line. */
    private boolean fresh = true;

    private @Nullable String thinking;
    private List<ToolCall> found = new ArrayList<>();
    private List<String> malformed = new ArrayList<>();

    /** @param opened whether the prompt ends inside a thought */
    AnswerScan(Optional<ThinkTags> tags, boolean opened, Optional<CallReader> reader) {
        this.tags = tags;
        this.opened = opened;
        this.reader = reader;
    }

    /** Adds a piece of the answer; what is new in words, thoughts and calls. A call may come a little later. */
    public Reading add(String piece) {
        held.append(piece);
        if (held.length() >= due) {
            run(false);
        }
        return taken();
    }

    /** Ends the answer; what is new. */
    public Reading finish() {
        run(true);
        words.end(false);
        thoughts.end(true);
        return taken();
    }

    private Reading taken() {
        String more = thoughts.take();
        Optional<String> thought = more.isEmpty() ? Optional.ofNullable(thinking) : Optional.of(more);
        Reading reading = new Reading(words.take(), thought, List.copyOf(found), List.copyOf(malformed));
        thinking = null;
        found = new ArrayList<>();
        malformed = new ArrayList<>();
        return reading;
    }

    private void run(boolean finished) {
        text = held.toString();
        due = 0;
        inWords = inWords || tags.isEmpty() || readThoughts(tags.get(), finished);
        if (inWords) {
            if (reader.isPresent()) {
                readCalls(reader.get(), finished);
            } else {
                addWords(text.length());
            }
        }
        int settled = Math.max(0, at - 1);
        held.delete(0, settled);
        at -= settled;
        due = due == 0 ? 0 : held.length() + (held.length() - at) / PATIENCE;
    }

    /** @return whether words follow */
    private boolean readThoughts(ThinkTags tags, boolean finished) {
        while (true) {
            if (!inThought && !openThought(tags, finished)) {
                return !opened && (finished || !couldOpen(tags));
            }
            int end = text.indexOf(tags.close(), at);
            int until = end >= 0 ? end : finished ? text.length() : certain(tags.close());
            thoughts.add(text.substring(at, until), true);
            at = until;
            if (end < 0) {
                return false;
            }
            thoughts.end(true);
            at = end + tags.close().length();
            inThought = false;
            opened = false;
        }
    }

    private boolean couldOpen(ThinkTags tags) {
        return JsonScan.couldBegin(text, JsonScan.skipSpace(text, at), tags.open());
    }

    /** Begins a thought; false if the text does not begin one, or not yet. */
    private boolean openThought(ThinkTags tags, boolean finished) {
        int begin = JsonScan.skipSpace(text, at);
        boolean tag = text.startsWith(tags.open(), begin);
        if (!tag && (!opened || !finished && couldOpen(tags))) {
            return false;
        }
        at = begin + (tag ? tags.open().length() : 0);
        inThought = true;
        thinks = true;
        thinking = "";
        return true;
    }

    /** Up to where the text cannot be the beginning of a tag. */
    private int certain(String tag) {
        for (int begin = Math.max(at, text.length() - tag.length() + 1); begin < text.length(); begin++) {
            if (tag.startsWith(text.substring(begin))) {
                return begin;
            }
        }
        return text.length();
    }

    private void readCalls(CallReader reader, boolean finished) {
        Matcher start = reader.start().matcher(text);
        while (start.useAnchoringBounds(fresh).region(at, text.length()).find()) {
            addWords(start.start());
            switch (reader.read(text, at)) {
                case CallReader.Calls whole -> addCalls(whole.calls(), whole.end());
                case CallReader.Closing closing when finished -> addCalls(closing.calls(), text.length());
                case CallReader.Unfinished cut when finished -> keep(cut.end(), true);
                case CallReader.Malformed bad when finished || bad.end() < text.length() -> keep(bad.end(), true);
                case CallReader.Words other -> keep(other.end(), false);
                case CallReader.Closing _, CallReader.Unfinished _, CallReader.Malformed _ -> {
                    due = 1;
                    return;
                }
            }
        }
        addWords(finished ? text.length() : certainOfCalls(start.useAnchoringBounds(true)));
    }

    /** Up to where the text cannot be the beginning of a call: more text could change the match. */
    @SuppressWarnings("JdkObsolete")
    private int certainOfCalls(Matcher start) {
        for (int begin = Math.max(at, text.length() - LONGEST_START); begin < text.length(); begin++) {
            boolean matches = start.region(begin, text.length()).lookingAt();
            if (!matches && start.hitEnd()) {
                return begin;
            }
        }
        return text.length();
    }

    private void addWords(int end) {
        if (end > at) {
            words.add(text.substring(at, end), calls || thinks);
            at = end;
            fresh = false;
        }
    }

    private void addCalls(List<ToolCall> more, int end) {
        words.end(true);
        found.addAll(more);
        calls = true;
        at = end;
        fresh = true;
    }

    private void keep(int end, boolean bad) {
        if (bad) {
            malformed.add(text.substring(at, end));
        }
        addWords(end);
        fresh = true;
    }
}
