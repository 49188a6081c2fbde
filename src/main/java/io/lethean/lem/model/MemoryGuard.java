package io.lethean.lem.model;

import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Keeps native memory from being freed while other threads use it, and refuses its use after it was closed.
 *
 * <p>Safe for use by any number of threads.
 */
final class MemoryGuard {

    /** Held for reading while the memory is used, for writing while it is freed. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private final String owner;
    private volatile boolean closed;

    /** @param owner what was closed, as the beginning of a sentence */
    MemoryGuard(String owner) {
        this.owner = owner;
    }

    <T> T use(Supplier<T> call) {
        lock.readLock().lock();
        try {
            requireOpen();
            return call.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException(owner + " is closed.");
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Every later use is refused. */
    void close() {
        closed = true;
    }

    /** Frees the memory after the uses that have begun. */
    void free(Runnable action) {
        lock.writeLock().lock();
        try {
            action.run();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
