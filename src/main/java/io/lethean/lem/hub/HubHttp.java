package io.lethean.lem.hub;

import io.lethean.lem.HubException;
import io.lethean.lem.HubException.Reason;
import io.lethean.lem.LemVersion;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the hub. Redirects are followed here and not by the client, because the token must not leave the hub's
 * own host: after a redirect to another host no request of the chain carries it.
 */
final class HubHttp {

    private static final int MOST_REDIRECTS = 10;
    private static final int LONGEST_TEXT = 64 << 20;

    private final HubOptions options;
    private @Nullable HttpClient client;

    HubHttp(HubOptions options) {
        this.options = options;
    }

    /** What the hub says about a file. A redirect to another host is not followed: its headers are the answer. */
    HubAnswer head(URI uri) throws IOException {
        return follow("HEAD", uri, Map.of("Accept-Encoding", "identity"), false);
    }

    /** A document of the hub itself. */
    HubAnswer document(URI uri) throws IOException {
        return follow("GET", uri, Map.of("Accept", "application/json"), false);
    }

    /** The content of a file, wherever the hub says it is. */
    HubAnswer content(URI uri, Map<String, String> headers) throws IOException {
        return follow("GET", uri, headers, true);
    }

    /** The body of an answer as text. */
    String text(HubAnswer answer) throws IOException {
        try (answer) {
            return answer.body().text(LONGEST_TEXT, options.patience().answer());
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (IOException e) {
            throw unreachable(answer.uri(), e);
        }
    }

    private HubAnswer follow(String method, URI start, Map<String, String> headers, boolean leave) throws IOException {
        Deque<HttpHeaders> earlier = new ArrayDeque<>();
        URI at = start;
        boolean home = true;
        for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
            home = home && isHome(at);
            HttpResponse<TimedBody> response = send(method, at, headers, home);
            HubAnswer answer = new HubAnswer(
                    response.statusCode(), response.headers(), at, home, response.body(), List.copyOf(earlier));
            if (!answer.isRedirect()) {
                return answer;
            }
            URI next = target(answer);
            if (!leave && !isHome(next)) {
                return answer;
            }
            answer.close();
            if (home) {
                earlier.addFirst(answer.headers());
            }
            at = next;
        }
        throw new HubException(
                Reason.UNEXPECTED,
                "The hub redirected " + shown(start) + " more than " + MOST_REDIRECTS
                        + " times; check HF_ENDPOINT and the proxy.");
    }

    private static URI target(HubAnswer answer) {
        String location = answer.headers().firstValue("Location").orElseThrow();
        URI next;
        try {
            next = answer.uri().resolve(location);
        } catch (IllegalArgumentException e) {
            throw new HubException(
                    Reason.UNEXPECTED, "The hub redirected " + shown(answer.uri()) + " to a malformed address.");
        }
        boolean secure = "https".equalsIgnoreCase(answer.uri().getScheme());
        boolean http = "http".equalsIgnoreCase(next.getScheme());
        if (next.getHost() == null || !http && !"https".equalsIgnoreCase(next.getScheme()) || secure && http) {
            throw new HubException(
                    Reason.UNEXPECTED,
                    "The hub redirected " + shown(answer.uri()) + " to " + shown(next)
                            + ", which is not an address to download from over a secure connection.");
        }
        return next;
    }

    private HttpResponse<TimedBody> send(String method, URI uri, Map<String, String> headers, boolean home)
            throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(method, BodyPublishers.noBody())
                .timeout(options.patience().answer())
                .header("User-Agent", "lem-java/" + LemVersion.VERSION);
        headers.forEach(request::header);
        if (home) {
            options.token().ifPresent(token -> request.header("Authorization", token.header()));
        }
        try {
            return client().send(request.build(), info -> new TimedBody());
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (IOException | UnresolvedAddressException e) {
            throw unreachable(uri, e);
        }
    }

    private synchronized HttpClient client() {
        if (client == null) {
            HttpClient.Builder builder = HttpClient.newBuilder()
                    .connectTimeout(options.patience().connect())
                    .followRedirects(HttpClient.Redirect.NEVER);
            if ("http".equalsIgnoreCase(options.endpoint().getScheme())) {
                builder.version(HttpClient.Version.HTTP_1_1);
            }
            client = builder.build();
        }
        return client;
    }

    /** Whether an address is on the hub's own host. */
    boolean isHome(URI uri) {
        URI hub = options.endpoint();
        return hub.getScheme().equalsIgnoreCase(uri.getScheme())
                && hub.getHost().equalsIgnoreCase(uri.getHost())
                && port(hub) == port(uri);
    }

    private static int port(URI uri) {
        int standard = "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
        return uri.getPort() < 0 ? standard : uri.getPort();
    }

    /** An address as messages show it: signatures in the query are left out. */
    static String shown(URI uri) {
        String authority = uri.getRawAuthority();
        return authority == null
                ? uri.toString()
                : uri.getScheme() + "://" + authority.replaceFirst(".*@", "") + uri.getRawPath();
    }

    private HubException unreachable(URI uri, Exception failure) {
        return new HubException(
                Reason.UNREACHABLE,
                shown(URI.create(uri.getScheme() + "://" + uri.getRawAuthority())) + " could not be reached ("
                        + reason(failure) + "). Check the network; if there is a proxy, start Java with"
                        + " -Dhttps.proxyHost and -Dhttps.proxyPort; HF_ENDPOINT names another hub.",
                failure);
    }

    static String reason(Exception failure) {
        // The client's own words for it count the bytes of its parser.
        if (Stream.iterate((Throwable) failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(EOFException.class::isInstance)) {
            return "the connection was closed early";
        }
        String message = failure.getMessage();
        return switch (failure) {
            case HttpTimeoutException slow -> Objects.requireNonNullElse(message, "no answer in time");
            case SSLException insecure -> "no secure connection: " + message;
            case UnresolvedAddressException unknown -> "the name of the host is unknown";
            default ->
                failure.getCause() instanceof UnresolvedAddressException
                        ? "the name of the host is unknown"
                        : message == null || message.isBlank() ? "the connection failed" : message;
        };
    }

    /** An interrupt as the exception that methods of files throw; the thread stays interrupted. */
    static InterruptedIOException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        InterruptedIOException stopped =
                new InterruptedIOException("The download was interrupted; the next one resumes where it stopped.");
        stopped.initCause(cause);
        return stopped;
    }
}
