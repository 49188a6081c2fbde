package io.lethean.lem.server.internal.api;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The answers that the model is asked for now. Safe for use by several threads. */
public final class OpenAnswers {

    private final Set<Work> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong answers = new AtomicLong();
    private volatile boolean ended;

    /** Work that can be ended early; closing it says that it is done. */
    final class Work implements AutoCloseable {
        private final int count;
        private final Runnable end;
        private boolean done;

        private Work(int count, Runnable end) {
            this.count = count;
            this.end = end;
        }

        private synchronized void endEarly() {
            if (!done) {
                end.run();
            }
        }

        @Override
        public synchronized void close() {
            done = true;
            open.remove(this);
            answers.addAndGet(-count);
        }
    }

    /**
     * Notes work.
     *
     * @param count how many answers it has
     * @param end ends it early; it may be called by any thread
     */
    Work begin(int count, Runnable end) {
        Work work = new Work(count, end);
        answers.addAndGet(count);
        open.add(work);
        if (ended) {
            work.endEarly();
        }
        return work;
    }

    /** Ends all work early, later work included. */
    public void endAll() {
        ended = true;
        open.forEach(Work::endEarly);
    }

    /** Whether the server ends. */
    boolean hasEnded() {
        return ended;
    }

    /** How many answers are generated or wait. */
    public long count() {
        return answers.get();
    }
}
