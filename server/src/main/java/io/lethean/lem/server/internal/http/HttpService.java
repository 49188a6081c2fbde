package io.lethean.lem.server.internal.http;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/** The JDK's HTTP server with this package's rules. */
public final class HttpService {

    /** How long the last answers may take to be written, after they were ended. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    /** How long the JDK's server may take to notice that every request has ended. */
    private static final Duration NOTICE = Duration.ofMillis(200);

    private final HttpServer server;
    private final Watchdog watchdog;
    private final ActiveRequests active;

    private HttpService(HttpServer server, Watchdog watchdog, ActiveRequests active) {
        this.server = server;
        this.watchdog = watchdog;
        this.active = active;
    }

    /**
     * Starts to listen.
     *
     * @throws IOException if the address cannot be used
     */
    public static HttpService start(
            InetSocketAddress address, Routes routes, AccessRules access, Limits limits, Metrics metrics)
            throws IOException {
        HttpServer server = HttpServer.create(address, 0);
        Watchdog watchdog = new Watchdog();
        server.setExecutor(new Connections(watchdog, limits.headerTime(), limits.connections()));
        ActiveRequests active = new ActiveRequests();
        metrics.gauge("lem_http_requests_open", "Requests that are served now.", active::count);
        server.createContext("/", new Front(routes, access, limits, metrics, watchdog, active));
        server.start();
        return new HttpService(server, watchdog, active);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /**
     * Stops to listen, and waits for the requests that are being served.
     *
     * @param grace how long they may take
     * @param endAnswers called after that time, to end those that are left
     */
    public void stop(Duration grace, Runnable endAnswers) {
        Duration longest = grace.plus(LAST_WORDS);
        // The JDK's server counts connections that were broken off as requests, and would wait for them.
        Thread closing = Thread.ofPlatform()
                .daemon()
                .start(() -> server.stop((int) Math.min(Integer.MAX_VALUE / 2, longest.toSeconds()) + 1));
        try (watchdog) {
            watchdog.after(grace, endAnswers);
            active.awaitEnd(longest);
            closing.join(NOTICE);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        } finally {
            endAnswers.run();
            closing.interrupt();
        }
    }
}
