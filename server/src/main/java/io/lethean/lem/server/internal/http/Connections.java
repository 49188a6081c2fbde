package io.lethean.lem.server.internal.http;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs each request in a virtual thread. A connection that is slow to send its header is closed, and so is one that comes
 * while as many as allowed are served.
 */
final class Connections implements Executor {

    private static final ThreadLocal<Watchdog.@Nullable Watch> HEADER = new ThreadLocal<>();

    private final Watchdog watchdog;
    private final Duration headerTime;
    private final int most;
    private final AtomicInteger open = new AtomicInteger();

    /**
     * @param headerTime the time that a header may take
     * @param most connections with a request at a time
     */
    Connections(Watchdog watchdog, Duration headerTime, int most) {
        this.watchdog = watchdog;
        this.headerTime = headerTime;
        this.most = most;
    }

    /** @throws RejectedExecutionException if there are too many; then the connection is closed */
    @Override
    public void execute(Runnable exchange) {
        if (open.incrementAndGet() > most) {
            open.decrementAndGet();
            throw new RejectedExecutionException("Too many connections.");
        }
        Thread.ofVirtual().name("lem-server-request").start(() -> {
            try (Watchdog.Watch header = watchdog.within(headerTime)) {
                HEADER.set(header);
                exchange.run();
            } finally {
                HEADER.remove();
                open.decrementAndGet();
            }
        });
    }

    /** Called by the request's thread when the header has been read. */
    static void headerRead() {
        Watchdog.Watch header = HEADER.get();
        if (header != null) {
            header.close();
        }
    }
}
