package io.lethean.lem.internal.tools;

import io.lethean.lem.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
    public record Reading(String content, Optional<String> thinking, List<ToolCall> calls, List<String> malformed) {

        /** This one and what comes after it. */
        Reading and(Reading more) {
            List<ToolCall> allCalls = new ArrayList<>(calls);
            allCalls.addAll(more.calls);
            List<String> allMalformed = new ArrayList<>(malformed);
            allMalformed.addAll(more.malformed);
            Optional<String> thought = thinking.isEmpty() && more.thinking.isEmpty()
                    ? Optional.empty()
                    : Optional.of(thinking.orElse("") + more.thinking.orElse(""));
            return new Reading(content + more.content, thought, allCalls, allMalformed);
        }
    }

    /** @param opened whether the prompt ends inside a thought */
    AnswerReader(Optional<ThinkTags> tags, boolean opened, Optional<CallReader> calls) {
        this.tags = tags;
        this.opened = opened;
        this.calls = calls;
    }

    /** Reads an answer as it grows. */
    public AnswerScan scan() {
        return new AnswerScan(tags, opened, calls);
    }

    /** Reads an answer that has ended. */
    public Reading read(String text) {
        AnswerScan scan = scan();
        return scan.add(text).and(scan.finish());
    }

    /** Reads the beginning of an answer; what may become part of a tag or call is left for later. */
    public Reading readSoFar(String text) {
        return scan().add(text);
    }
}
