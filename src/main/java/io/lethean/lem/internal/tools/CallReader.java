package io.lethean.lem.internal.tools;

import io.lethean.lem.ToolCall;
import java.util.List;
import java.util.regex.Pattern;

/** Reads calls of tools in one form. */
interface CallReader {

    /** What begins a call. */
    Pattern start();

    /**
     * Reads what follows.
     *
     * @param at where {@link #start} was found
     */
    Outcome read(String text, int at);

    /** What was found. */
    sealed interface Outcome {}

    /**
     * One call or several that belong together.
     *
     * @param end where the text after them begins
     */
    record Calls(List<ToolCall> calls, int end) implements Outcome {}

    /** Calls that are whole, and the text ends where something should close them. */
    record Closing(List<ToolCall> calls) implements Outcome {}

    /**
     * The text ends within a call.
     *
     * @param end where the malformed call ends if no more text comes
     */
    record Unfinished(int end) implements Outcome {}

    /** A call that cannot be read; it stays text. */
    record Malformed(int end) implements Outcome {}

    /** Text that looked like a call. */
    record Words(int end) implements Outcome {}
}
