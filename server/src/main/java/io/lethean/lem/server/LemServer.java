package io.lethean.lem.server;

import io.lethean.lem.model.LemModel;
import io.lethean.lem.server.internal.api.Api;
import io.lethean.lem.server.internal.api.OpenAnswers;
import io.lethean.lem.server.internal.api.ServedAdapters;
import io.lethean.lem.server.internal.api.ServedModel;
import io.lethean.lem.server.internal.http.AccessRules;
import io.lethean.lem.server.internal.http.HttpService;
import io.lethean.lem.server.internal.http.Limits;
import io.lethean.lem.server.internal.http.Metrics;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Instant;

/**
 * A model served over HTTP with OpenAI's API.
 *
 * <pre>{@code
 * try (LemModel model = LemModel.load(Path.of("model.gguf"));
 *         LemServer server = LemServer.start(model, ServerOptions.defaults())) {
 *     System.out.println("Serving at " + server.uri());
 *     Thread.currentThread().join();
 * }
 * }</pre>
 *
 * <p>The model belongs to the caller, who may use it while it is served, and closes it after the server. Requests share it as
 * all callers do. Safe for use by several threads.
 */
public final class LemServer implements AutoCloseable {

    private final HttpService http;
    private final OpenAnswers open;
    private final ServerOptions options;
    private final String modelName;
    private final Metrics metrics;
    private boolean closed;

    private LemServer(HttpService http, OpenAnswers open, ServerOptions options, String modelName, Metrics metrics) {
        this.http = http;
        this.open = open;
        this.options = options;
        this.modelName = modelName;
        this.metrics = metrics;
    }

    /**
     * Starts to serve a model.
     *
     * @param model the model; it stays the caller's to close
     * @param options address, access and limits
     * @return the server, which answers until it is closed
     * @throws IllegalArgumentException if others than this machine could ask without a key, or the options name adapters and
     *     the model does not generate text
     * @throws io.lethean.lem.InvalidModelException if an adapter of the options cannot be used with the model
     * @throws IOException if the address is not known or not free, or an adapter cannot be read
     */
    public static LemServer start(LemModel model, ServerOptions options) throws IOException {
        InetAddress address = address(options.host());
        if (!address.isLoopbackAddress() && options.apiKey().isEmpty()) {
            throw new IllegalArgumentException("The address " + options.host()
                    + " can be reached from other machines, and no API key is set. Set one, or listen on 127.0.0.1.");
        }
        String name = options.modelName().orElseGet(() -> nameOf(model));
        OpenAnswers open = new OpenAnswers();
        Metrics metrics = new Metrics();
        ServedAdapters adapters = new ServedAdapters(options.adapters());
        adapters.requireUsable(model);
        ServedModel served = new ServedModel(
                model,
                name,
                adapters,
                Instant.now().getEpochSecond(),
                options.timeLimit(),
                options.heartbeat(),
                open,
                metrics);
        Api.addGauges(served);
        AccessRules access = new AccessRules(
                address.isLoopbackAddress(), options.allowedHosts(), options.allowedOrigins(), options.apiKey());
        Limits limits = new Limits(
                options.maxBodyBytes(),
                options.receiveTime(),
                options.receiveTime(),
                options.sendTime(),
                options.maxRequests());
        try {
            HttpService http = HttpService.start(
                    new InetSocketAddress(address, options.port()), Api.routes(served), access, limits, metrics);
            return new LemServer(http, open, options, name, metrics);
        } catch (BindException taken) {
            throw new IOException(
                    "The server cannot listen on " + options.host() + ", port " + options.port() + ": "
                            + taken.getMessage() + ". Stop what uses the port, or choose another one.",
                    taken);
        }
    }

    private static InetAddress address(String host) throws IOException {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException unknown) {
            throw new IOException("The host " + host + " is not known, so the server cannot listen on it.", unknown);
        }
    }

    private static String nameOf(LemModel model) {
        Path file = model.info().weights().path().getFileName();
        String name = file == null ? "model" : file.toString();
        return name.endsWith(".gguf") ? name.substring(0, name.length() - ".gguf".length()) : name;
    }

    /**
     * {@return the address of the server, such as {@code http://127.0.0.1:36911}; clients of OpenAI's API add {@code
     * /v1}}
     */
    public URI uri() {
        InetSocketAddress address = http.address();
        String host = address.getAddress().getHostAddress();
        boolean v6 = host.contains(":");
        String plain = v6 ? host.replaceFirst("%.*", "") : host;
        return URI.create("http://" + (v6 ? "[" + plain + "]" : plain) + ":" + address.getPort());
    }

    /** {@return the name by which clients ask for the model} */
    public String modelName() {
        return modelName;
    }

    /** What {@code /metrics} shows. */
    Metrics metrics() {
        return metrics;
    }

    /** {@return whether clients must send a key} */
    public boolean asksForKey() {
        return options.apiKey().isPresent();
    }

    /**
     * Stops the server. New connections are refused at once. Answers that have begun may continue for {@link
     * ServerOptions#grace()}; then they are ended, and their clients are told. Returns when all is done.
     */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            http.stop(options.grace(), open::endAll);
        }
    }
}
