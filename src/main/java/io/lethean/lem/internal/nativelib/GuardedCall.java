package io.lethean.lem.internal.nativelib;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs native work on a thread of its own, which a failed assertion of ggml costs in place of the process (see {@link AbortGuard}).
 * A device that is lost while it is used is such a failure.
 */
public final class GuardedCall {

    private static final long STACK_BYTES = 64L << 20;

    /** What is run, wholly on one thread. */
    @FunctionalInterface
    public interface Work<T extends @Nullable Object> {
        T run() throws IOException;
    }

    /** A failed assertion; never leaves this class. */
    private static final class Aborted extends RuntimeException {
        private static final long serialVersionUID = 1;

        Aborted(String assertion) {
            super(assertion);
        }
    }

    private GuardedCall() {}

    /**
     * Runs work and waits for it, through interrupts too.
     *
     * <p>After a failed assertion the thread is parked for good: native memory of the work, and locks that it holds inside native
     * code, stay as they are until the process ends.
     *
     * @param name the thread's name
     * @param lost makes the exception to throw from the text of an assertion that failed
     */
    public static <T extends @Nullable Object> T run(
            String name, Work<T> work, Function<String, ? extends RuntimeException> lost) throws IOException {
        NativeLibraries.load();
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable task = () -> {
            try {
                result.complete(work.run());
            } catch (Throwable thrown) {
                result.completeExceptionally(thrown);
            }
        };
        Thread thread = new Thread(null, task, name, STACK_BYTES);
        thread.setDaemon(true);
        AbortGuard.guard(thread, assertion -> result.completeExceptionally(new Aborted(assertion)));
        try {
            thread.start();
            return await(result, lost);
        } finally {
            AbortGuard.release(thread);
        }
    }

    private static <T extends @Nullable Object> T await(
            CompletableFuture<T> result, Function<String, ? extends RuntimeException> lost) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException later) {
                    interrupted = true;
                } catch (ExecutionException failed) {
                    throw outcome(failed.getCause(), lost);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What the work threw, with the caller's stack added to that of the work's thread. */
    private static RuntimeException outcome(
            @Nullable Throwable cause, Function<String, ? extends RuntimeException> lost) throws IOException {
        if (cause instanceof Aborted aborted) {
            return lost.apply(String.valueOf(aborted.getMessage()));
        }
        if (cause != null) {
            cause.addSuppressed(new Throwable("the caller waited here"));
        }
        if (cause instanceof IOException io) {
            throw io;
        }
        if (cause instanceof RuntimeException unchecked) {
            return unchecked;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        throw new AssertionError("work throws nothing else", cause);
    }
}
