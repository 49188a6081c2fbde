package io.lethean.lem.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * A hub on the loopback interface. Its name is 127.0.0.1; the contents of large files are on another host, localhost.
 *
 * <p>Rules added by {@link #rule} answer before the hub itself does, so that a test can make it fail in any way.
 */
public final class HubServer implements Closeable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, HubRepo> repos = new LinkedHashMap<>();
    private final Map<String, String> moved = new LinkedHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Rule> rules = new CopyOnWriteArrayList<>();

    /** A request as it arrived. */
    public record Request(
            String method,
            String host,
            String path,
            Optional<String> authorization,
            Optional<String> range,
            Optional<String> ifRange) {

        boolean isCdn() {
            return path.startsWith("/cdn/");
        }

        /** Method and path, as {@code HEAD /org/name/resolve/main/file}. */
        public String line() {
            return method + " " + path;
        }
    }

    /** An answer that a test gives instead of the hub's. */
    @FunctionalInterface
    public interface Reply {
        void to(HttpExchange exchange) throws IOException;
    }

    private static final class Rule {
        private final Predicate<Request> when;
        private final Reply reply;
        private int times;

        Rule(Predicate<Request> when, int times, Reply reply) {
            this.when = when;
            this.times = times;
            this.reply = reply;
        }
    }

    public HubServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Adds an empty repository, or returns the one of that name. */
    public HubRepo repo(String name) {
        return repos.computeIfAbsent(name, HubRepo::new);
    }

    /** Makes one name lead to another. */
    void move(String from, String to) {
        moved.put(from, to);
    }

    /** Answers the next requests that fit in another way. */
    public void rule(int times, Predicate<Request> when, Reply reply) {
        rules.add(new Rule(when, times, reply));
    }

    /** The requests so far. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** The requests since the last call, as method and path. */
    public List<String> newLines() {
        List<String> lines = requests.stream().map(Request::line).toList();
        requests.clear();
        return lines;
    }

    private void handle(HttpExchange exchange) throws IOException {
        Request request = new Request(
                exchange.getRequestMethod(),
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host"))
                        .orElse(""),
                exchange.getRequestURI().getRawPath(),
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")),
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range")),
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("If-Range")));
        requests.add(request);
        try (exchange) {
            Optional<Reply> reply = take(request);
            if (reply.isPresent()) {
                reply.get().to(exchange);
            } else {
                answer(exchange, request);
            }
        }
    }

    private synchronized Optional<Reply> take(Request request) {
        for (Rule rule : rules) {
            if (rule.times > 0 && rule.when.test(request)) {
                rule.times--;
                return Optional.of(rule.reply);
            }
        }
        return Optional.empty();
    }

    private void answer(HttpExchange exchange, Request request) throws IOException {
        String path = request.path();
        for (Map.Entry<String, String> move : moved.entrySet()) {
            if (path.contains("/" + move.getKey() + "/")) {
                exchange.getResponseHeaders()
                        .set("Location", path.replace("/" + move.getKey() + "/", "/" + move.getValue() + "/"));
                status(exchange, 307);
                return;
            }
        }
        if (request.isCdn()) {
            cdn(exchange, path.substring("/cdn/".length()));
            return;
        }
        for (HubRepo repo : repos.values()) {
            String api = "/api/models/" + repo.name() + "/";
            String files = "/" + repo.name() + "/resolve/";
            if (path.startsWith(api + "revision/")) {
                revision(exchange, repo, path.substring((api + "revision/").length()));
                return;
            }
            if (path.startsWith(api + "tree/")) {
                json(exchange, repo.tree());
                return;
            }
            if (path.startsWith(files)) {
                String rest = path.substring(files.length());
                int slash = rest.indexOf('/');
                resolve(exchange, repo, rest.substring(0, slash), decoded(rest.substring(slash + 1)));
                return;
            }
        }
        error(exchange, 401, "RepoNotFound");
    }

    private static String decoded(String path) {
        return URI.create("/" + path).getPath().substring(1);
    }

    private static void revision(HttpExchange exchange, HubRepo repo, String revision) throws IOException {
        if (repo.has(revision)) {
            json(exchange, "{\"id\": \"" + repo.name() + "\", \"sha\": \"" + repo.commit() + "\"}");
        } else {
            error(exchange, 404, "RevisionNotFound");
        }
    }

    private void resolve(HttpExchange exchange, HubRepo repo, String revision, String path) throws IOException {
        if (!repo.has(revision)) {
            error(exchange, 404, "RevisionNotFound");
            return;
        }
        exchange.getResponseHeaders().set("X-Repo-Commit", repo.commit());
        Optional<HubRepo.Entry> entry = repo.find(path);
        if (entry.isEmpty()) {
            error(exchange, 404, "EntryNotFound");
            return;
        }
        exchange.getResponseHeaders().set("ETag", "\"" + entry.get().etag() + "\"");
        if (!entry.get().large()) {
            content(exchange, entry.get().content());
            return;
        }
        exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + entry.get().etag() + "\"");
        exchange.getResponseHeaders()
                .set("X-Linked-Size", String.valueOf(entry.get().content().length));
        exchange.getResponseHeaders()
                .set(
                        "Location",
                        "http://localhost:" + server.getAddress().getPort() + "/cdn/"
                                + entry.get().etag() + "?Signature=secret");
        status(exchange, 302);
    }

    private void cdn(HttpExchange exchange, String sha256) throws IOException {
        for (HubRepo repo : repos.values()) {
            for (HubRepo.Entry entry : repo.entries()) {
                if (entry.etag().equals(sha256)) {
                    exchange.getResponseHeaders().set("ETag", "\"cdn-" + sha256.substring(0, 8) + "\"");
                    content(exchange, entry.content());
                    return;
                }
            }
        }
        status(exchange, 403);
    }

    /** Sends all bytes, or those that the request's range asks for. */
    static void content(HttpExchange exchange, byte[] content) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        if (range != null && from >= content.length) {
            exchange.getResponseHeaders().set("Content-Range", "bytes */" + content.length);
            status(exchange, 416);
            return;
        }
        if (range != null) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        send(exchange, range == null ? 200 : 206, content, from, content.length, content.length - from);
    }

    /**
     * Sends a part of a content.
     *
     * @param announced as Content-Length; more than is sent cuts the connection
     */
    static void send(HttpExchange exchange, int status, byte[] content, int from, int to, long announced)
            throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(announced));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, announced == 0 ? -1 : announced);
        exchange.getResponseBody().write(content, from, to - from);
        exchange.getResponseBody().flush();
    }

    static void json(HttpExchange exchange, String text) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        send(exchange, 200, bytes, 0, bytes.length, bytes.length);
    }

    static void error(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getResponseHeaders().set("X-Error-Code", code);
        status(exchange, status);
    }

    public static void status(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
