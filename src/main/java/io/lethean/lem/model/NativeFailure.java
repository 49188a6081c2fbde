package io.lethean.lem.model;

import io.lethean.lem.internal.nativelib.NativeLog;
import java.util.List;

/** What llama.cpp logged on this thread, which is where it explains most failures. */
final class NativeFailure {

    private static final int LINES = 8;

    private NativeFailure() {}

    /** Leaves out what was logged before the call that is about to be made. */
    static void begin() {
        NativeLog.forget();
    }

    /** The last lines, as the end of a message. */
    static String explain() {
        List<String> lines = NativeLog.lastLines();
        List<String> last = lines.subList(Math.max(0, lines.size() - LINES), lines.size());
        return last.isEmpty() ? "" : "The last lines of llama.cpp's log:\n  " + String.join("\n  ", last);
    }
}
