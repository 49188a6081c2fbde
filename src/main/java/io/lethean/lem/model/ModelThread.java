package io.lethean.lem.model;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.nativelib.AbortGuard;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that runs a model's native work, one piece after the other.
 *
 * <p>A failed assertion inside ggml would end the process. On this thread it is answered by parking the thread for good:
 * the caller gets an exception, the model is lost, and the rest of the program lives. A platform thread is needed for
 * that, a daemon so that the JVM can still exit, and callers may be virtual threads, which wait without a carrier.
 */
final class ModelThread {

    /** Room for the deepest recursion of llama.cpp's parsers; untouched pages cost nothing. */
    private static final long STACK_BYTES = 64L << 20;

    private final LinkedBlockingQueue<Work<?>> queue = new LinkedBlockingQueue<>();
    private final AtomicReference<@Nullable Work<?>> running = new AtomicReference<>();
    private final Thread thread;
    private volatile @Nullable String deathNote;
    private volatile boolean finished;

    private ModelThread(String name) {
        thread = new Thread(null, this::loop, name, STACK_BYTES);
        thread.setDaemon(true);
    }

    static ModelThread start(String name) {
        ModelThread started = new ModelThread(name);
        AbortGuard.guard(started.thread, started::die);
        started.thread.start();
        return started;
    }

    /** Whether the caller is this thread, as a listener of a generation is. */
    boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** Whether a failed assertion has taken the thread and the native memory that it worked on. */
    boolean isDead() {
        return deathNote != null;
    }

    /** @throws NativeCallException if the thread is dead */
    void requireAlive() {
        if (isDead()) {
            throw death();
        }
    }

    /**
     * Runs the work here and waits for it.
     *
     * @param onInterrupt called if the waiting thread is interrupted; the wait continues, and the interrupt is kept
     * @throws NativeCallException if an assertion fails meanwhile or has failed before
     * @throws IllegalStateException if the thread was ended before
     */
    <T extends @Nullable Object> T call(Callable<T> work, Runnable onInterrupt) {
        if (Thread.currentThread().isInterrupted()) {
            // Work that ends before it is waited for would not notice.
            onInterrupt.run();
        }
        return await(submit(work), onInterrupt);
    }

    /** Waits for work; see {@link #call}. */
    <T extends @Nullable Object> T await(Work<T> work, Runnable onInterrupt) {
        return await(work, onInterrupt, Optional.empty(), () -> {});
    }

    /**
     * Waits for work; see {@link #call}.
     *
     * @param onTimeout called once if the work has not ended after this time; the wait continues
     */
    <T extends @Nullable Object> T await(
            Work<T> work, Runnable onInterrupt, Optional<Duration> timeout, Runnable onTimeout) {
        boolean interrupted = false;
        long begun = System.nanoTime();
        boolean timed = timeout.isPresent();
        try {
            while (true) {
                try {
                    if (timed) {
                        long left = timeout.orElseThrow().toNanos() - (System.nanoTime() - begun);
                        return work.outcome.get(left, TimeUnit.NANOSECONDS).value();
                    }
                    return work.outcome.get().value();
                } catch (TimeoutException over) {
                    timed = false;
                    onTimeout.run();
                } catch (InterruptedException wanted) {
                    interrupted = true;
                    onInterrupt.run();
                } catch (ExecutionException impossible) {
                    throw new AssertionError("an outcome is a value", impossible);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Runs the work here after what is queued already, without waiting for it. */
    <T extends @Nullable Object> Work<T> submit(Callable<T> task) {
        Work<T> work = new Work<>(task);
        queue.add(work);
        if (finished || isDead()) {
            failQueued();
        }
        return work;
    }

    /** What somebody else will complete; {@link #await} waits for it. */
    static <T extends @Nullable Object> Work<T> promise() {
        return new Work<>(() -> {
            throw new AssertionError("a promise is not run");
        });
    }

    /** Whether work waits for what is running now. */
    boolean hasQueued() {
        return !queue.isEmpty();
    }

    /** Ends the thread after what is queued. */
    void finish() {
        submit(() -> finished = true);
    }

    private void loop() {
        while (!finished) {
            try {
                Work<?> work = queue.take();
                running.set(work);
                work.run();
                running.set(null);
            } catch (InterruptedException byAListener) {
                // Nothing of ours interrupts this thread; a listener that does must not end it.
            }
        }
        AbortGuard.release(thread);
        failQueued();
    }

    /** Called on the thread that failed, which never returns from native code: this one or one of ggml's pool. */
    private boolean die(String message) {
        Work<?> lost = running.get();
        if (lost == null) {
            return false;
        }
        deathNote = message;
        lost.fail(death());
        failQueued();
        return true;
    }

    private void failQueued() {
        for (Work<?> work = queue.poll(); work != null; work = queue.poll()) {
            work.fail(isDead() ? death() : new IllegalStateException("The model is closed."));
        }
    }

    private NativeCallException death() {
        return new NativeCallException(
                String.format(
                        Locale.ROOT,
                        "An assertion of ggml failed and the model is lost, its memory too; load it again."
                                + " The assertion: %s." + " Please report it with the model and the options used.",
                        deathNote),
                "ggml_abort",
                0);
    }

    /** Work in the queue, with the promise of how it ends. */
    static final class Work<T extends @Nullable Object> {
        private final Callable<T> task;
        private final CompletableFuture<Outcome<T>> outcome = new CompletableFuture<>();

        private Work(Callable<T> task) {
            this.task = task;
        }

        private void run() {
            try {
                outcome.complete(new Succeeded<>(task.call()));
            } catch (Throwable thrown) {
                fail(thrown);
            }
        }

        void fail(Throwable cause) {
            outcome.complete(new Failed<>(cause));
        }

        void succeed(T value) {
            outcome.complete(new Succeeded<>(value));
        }

        boolean isDone() {
            return outcome.isDone();
        }

        /** Runs something once it has ended, one way or the other. */
        void onEnd(Runnable told) {
            var unused = outcome.thenRun(told);
        }

        /** Tells, at once if it has failed already, on the thread that finds it failed. */
        void onFailure(Consumer<Throwable> told) {
            var unused = outcome.thenAccept(how -> {
                if (how instanceof Failed<T>(Throwable cause)) {
                    told.accept(cause);
                }
            });
        }
    }

    private sealed interface Outcome<T extends @Nullable Object> {
        T value();
    }

    private record Succeeded<T extends @Nullable Object>(T value) implements Outcome<T> {}

    private record Failed<T extends @Nullable Object>(Throwable cause) implements Outcome<T> {
        /** Throws what was thrown, with the caller's stack added to that of the model's thread. */
        @Override
        public T value() {
            cause.addSuppressed(new Throwable("the caller waited here"));
            switch (cause) {
                case Error error -> throw error;
                case RuntimeException unchecked -> throw unchecked;
                default -> throw new AssertionError("a checked exception", cause);
            }
        }
    }
}
