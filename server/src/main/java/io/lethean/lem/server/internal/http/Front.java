package io.lethean.lem.server.internal.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;

/** Receives every request: checks access and limits, finds the endpoint, and turns what fails into an answer. */
final class Front implements HttpHandler {

    private static final System.Logger LOG = System.getLogger("io.lethean.lem.server");
    private static final int CLIENT_GONE = 499;
    private static final int RETRY_SECONDS = 1;

    private final Routes routes;
    private final AccessRules access;
    private final Limits limits;
    private final Metrics metrics;
    private final Watchdog watchdog;
    private final ActiveRequests active;

    Front(Routes routes, AccessRules access, Limits limits, Metrics metrics, Watchdog watchdog, ActiveRequests active) {
        this.routes = routes;
        this.access = access;
        this.limits = limits;
        this.metrics = metrics;
        this.watchdog = watchdog;
        this.active = active;
    }

    /** What metrics show of a request. */
    private static final class Outcome {
        private String endpoint = "other";
        private int status = CLIENT_GONE;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Connections.headerRead();
        long start = System.nanoTime();
        int open = active.begin();
        Outcome outcome = new Outcome();
        HttpCall call = new HttpCall(exchange, limits, watchdog);
        try {
            answer(call, open, outcome);
            call.end();
        } finally {
            // An exception ends the connection without the end of the response, so that the client notices.
            ended(outcome, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /** A request is open until it is counted: where no other is open, the metrics are complete. */
    private void ended(Outcome outcome, Duration duration) {
        try {
            metrics.requestEnded(outcome.endpoint, outcome.status, duration);
        } finally {
            active.end();
        }
    }

    private void answer(HttpCall call, int open, Outcome outcome) throws IOException {
        try {
            serve(call, open, outcome);
        } catch (ApiError error) {
            refuse(call, error);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError failed) {
            LOG.log(Level.WARNING, "A request to " + outcome.endpoint + " failed.", failed);
            refuse(call, ApiError.internal("The server failed to answer this request; its log says why."));
        }
        outcome.status = call.status();
    }

    private static void refuse(HttpCall call, ApiError error) throws IOException {
        if (call.hasBegunToAnswer()) {
            throw new IOException("The answer had begun when it failed: " + error.sentence());
        }
        call.refuse(error);
    }

    private void serve(HttpCall call, int open, Outcome outcome) throws IOException {
        access.requireOwnNames(call.headers());
        access.allowPage(call.headers(), call.responseHeaders());
        if (call.method().equals("OPTIONS")) {
            AccessRules.allowHeaders(call.headers(), call.responseHeaders());
            call.respondEmpty(204);
            return;
        }
        Routes.Route route = route(call);
        outcome.endpoint = route.name();
        requireMethod(call, route);
        if (!route.open()) {
            access.requireKey(call.headers());
            if (open > limits.requests()) {
                throw ApiError.busy(
                        "The server answers " + limits.requests() + " requests already, which is its limit. Ask again"
                                + " later.",
                        RETRY_SECONDS);
            }
        }
        route.endpoint().handle(call);
    }

    /** A client without the key does not learn which paths there are. */
    private Routes.Route route(HttpCall call) {
        try {
            return routes.of(call.path());
        } catch (ApiError unknown) {
            access.requireKey(call.headers());
            throw unknown;
        }
    }

    private static void requireMethod(HttpCall call, Routes.Route route) {
        boolean head = call.method().equals("HEAD") && route.method().equals("GET");
        if (!head && !call.method().equals(route.method())) {
            throw ApiError.refused(
                            405,
                            "method_not_allowed",
                            "The method " + call.method() + " is not possible here; use " + route.method() + ".")
                    .with("Allow", route.method());
        }
    }
}
