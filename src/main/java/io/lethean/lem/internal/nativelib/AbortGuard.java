package io.lethean.lem.internal.nativelib;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.ggml_abort_callback_t;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Keeps the process alive when an assertion of ggml fails on a thread that we can spare.
 *
 * <p>ggml ends the process after its abort callback returns, and an exception leaving the callback ends the JVM. So for a
 * guarded thread the callback never returns: it tells the thread's owner and parks. What the thread worked on is lost,
 * and so are locks that it holds inside native code. An assertion on a thread of ggml's own pool leaves the guarded
 * thread waiting for it; every owner is told then, and one with work under way has to take it for its own. On any other
 * thread nothing changes: the process ends.
 *
 * <p>It does not see C++ exceptions (the shim turns those into codes), segmentation faults or arithmetic traps.
 */
public final class AbortGuard {

    private static final Map<Thread, Predicate<String>> GUARDED = new ConcurrentHashMap<>();

    /** The callback of another class loader that uses the same libraries; NULL in the first one. */
    private static volatile MemorySegment previous = MemorySegment.NULL;

    private AbortGuard() {}

    /** Takes ggml's abort callback. Called once, after the libraries were loaded. */
    public static void install() {
        MemorySegment stub = ggml_abort_callback_t.allocate(AbortGuard::aborted, Arena.global());
        previous = LlamaCpp.ggml_set_abort_callback(stub);
    }

    /**
     * Spares this thread.
     *
     * @param owner given the assertion's text, on the thread that failed, which parks if the answer is true; false where
     *     the owner has no work under way, so that the failure cannot be its own
     */
    public static void guard(Thread thread, Predicate<String> owner) {
        GUARDED.put(thread, owner);
    }

    /** Ends the guarding of a thread that is about to end. */
    public static void release(Thread thread) {
        GUARDED.remove(thread);
    }

    private static void aborted(MemorySegment message) {
        try {
            String assertion = text(message);
            if (tellOwners(assertion)) {
                parkForever();
            }
            if (!previous.equals(MemorySegment.NULL)) {
                ggml_abort_callback_t.invoke(previous, message);
            }
            // The last words of a process that ends here; ggml leaves printing them to its callback.
            System.err.println(assertion);
        } catch (Throwable inevitable) {
            // Returning lets ggml end the process, which is what happens without this class.
        }
    }

    private static boolean tellOwners(String message) {
        Predicate<String> owner = GUARDED.get(Thread.currentThread());
        if (owner != null) {
            return owner.test(message);
        }
        boolean taken = false;
        if (isOfNativePool()) {
            for (Predicate<String> each : GUARDED.values()) {
                taken |= each.test(message);
            }
        }
        return taken;
    }

    /** A thread that native code made has no Java frame below the callback's. */
    private static boolean isOfNativePool() {
        StackTraceElement[] frames = Thread.currentThread().getStackTrace();
        return frames[frames.length - 1].getClassName().equals(AbortGuard.class.getName());
    }

    private static void parkForever() {
        while (true) {
            LockSupport.park(AbortGuard.class);
        }
    }

    private static String text(MemorySegment message) {
        return message.equals(MemorySegment.NULL)
                ? "no message"
                : message.getString(0).strip();
    }
}
