package io.lethean.lem.internal.nativelib;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.ggml_log_callback;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What llama.cpp logs, handed to the {@link System.Logger} named {@value #NAME} and kept for exceptions.
 *
 * <p>Nothing shows by default: warnings and errors arrive at level DEBUG and the rest at TRACE, because what a caller has
 * to know becomes an exception with these lines in it. With the system property {@code lem.native.log=plain} the lines
 * keep llama.cpp's own levels.
 *
 * <p>Any thread may call this class. The lines are kept for each thread apart, the last {@value #KEPT} of them.
 */
public final class NativeLog {

    /** The name of the logger. */
    public static final String NAME = "io.lethean.lem.native";

    private static final int KEPT = 50;

    // enum ggml_log_level; a line of level CONT continues the one before.
    private static final int INFO = 2;
    private static final int WARN = 3;
    private static final int ERROR = 4;
    private static final int CONT = 5;

    private static final boolean PLAIN = "plain".equals(System.getProperty("lem.native.log"));
    private static final Logger LOGGER = System.getLogger(NAME);
    private static final ThreadLocal<Lines> LINES = ThreadLocal.withInitial(Lines::new);

    /** One thread's last lines and the line that is not at its end yet. */
    private static final class Lines {
        final Deque<String> whole = new ArrayDeque<>(KEPT);
        final StringBuilder open = new StringBuilder();
        int level = INFO;
    }

    private NativeLog() {}

    /** The last lines that calls on this thread have logged, oldest first. */
    public static List<String> lastLines() {
        return List.copyOf(LINES.get().whole);
    }

    /** Forgets this thread's lines, so that {@link #lastLines} is about what comes next. */
    public static void forget() {
        LINES.get().whole.clear();
    }

    /** Takes over llama.cpp's log. A callback of ours that was there before, from another class loader, is called on. */
    static void install(boolean first) {
        Runnable nothing = () -> {};
        ggml_log_callback.Function callback =
                first ? (level, text, data) -> log(level, text, nothing) : chained(previous());
        LlamaCpp.llama_log_set(ggml_log_callback.allocate(callback, Arena.global()), MemorySegment.NULL);
    }

    private static MemorySegment previous() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment callback = arena.allocate(ValueLayout.ADDRESS);
            MemorySegment data = arena.allocate(ValueLayout.ADDRESS);
            LlamaCpp.llama_log_get(callback, data);
            return callback.get(ValueLayout.ADDRESS, 0);
        }
    }

    private static ggml_log_callback.Function chained(MemorySegment previous) {
        return (level, text, data) -> log(level, text, () -> ggml_log_callback.invoke(previous, level, text, data));
    }

    // An exception that left an upcall would end the JVM, whatever it is.
    private static void log(int level, MemorySegment text, Runnable next) {
        try {
            append(level, text.getString(0));
            next.run();
        } catch (Throwable unloggable) {
            // There is no caller to tell and no log to write to.
        }
    }

    /** Takes a piece of the log as llama.cpp hands it over: several lines, or a part of one. */
    static void append(int level, String text) {
        Lines lines = LINES.get();
        if (level != CONT) {
            end(lines);
            lines.level = level;
        }
        lines.open.append(text);
        for (int end; (end = lines.open.indexOf("\n")) >= 0; ) {
            add(lines, lines.open.substring(0, end));
            lines.open.delete(0, end + 1);
        }
    }

    private static void end(Lines lines) {
        if (!lines.open.isEmpty()) {
            add(lines, lines.open.toString());
            lines.open.setLength(0);
        }
    }

    private static void add(Lines lines, String raw) {
        String line = raw.strip();
        // The progress bar of loading.
        if (line.chars().allMatch(c -> c == '.')) {
            return;
        }
        if (lines.whole.size() == KEPT) {
            lines.whole.removeFirst();
        }
        lines.whole.addLast(line);
        LOGGER.log(levelOf(lines.level), line);
    }

    private static Level levelOf(int level) {
        if (!PLAIN) {
            return level >= WARN ? Level.DEBUG : Level.TRACE;
        }
        return switch (level) {
            case INFO -> Level.INFO;
            case WARN -> Level.WARNING;
            case ERROR -> Level.ERROR;
            default -> Level.DEBUG;
        };
    }
}
