package io.lethean.lem.cli;

import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.server.LemServer;
import io.lethean.lem.server.ServerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lem serve}: a model served over HTTP. */
@Command(
        name = "serve",
        description = {
            "Serve the model over HTTP with OpenAI's API: chat, completions, embeddings, reranking, tokens.",
            "The server listens on this machine only, unless --host says otherwise, which needs an API key. Ctrl-C stops it:"
                    + " answers that have begun may end."
        })
final class ServeCommand implements Callable<Integer> {

    private static final long MEBIBYTE = 1L << 20;
    private static final String CONNECTIONS = "jdk.httpserver.maxConnections";
    private static final int CONNECTIONS_MORE = 64;

    private final Console console;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Mixin
    private ModelArguments model = new ModelArguments();

    @Option(names = "--host", paramLabel = "HOST", description = "Address to listen on. Default: ${DEFAULT-VALUE}.")
    private String host = ServerOptions.defaults().host();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Port to listen on; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
    private int port = ServerOptions.DEFAULT_PORT;

    @ArgGroup
    private KeySource key = new KeySource();

    /** One source of the key at most; it is never an argument, which other users of the machine could see. */
    private static final class KeySource {
        @Option(
                names = "--api-key-file",
                paramLabel = "FILE",
                description = "File with the key that clients must send as 'Authorization: Bearer KEY'.")
        private @Nullable Path file;

        @Option(names = "--api-key-variable", paramLabel = "NAME", description = "Environment variable with that key.")
        private @Nullable String variable;

        private Optional<String> read(CommandSpec command) throws IOException {
            if (file != null) {
                return Optional.of(TextFile.read(file).strip());
            }
            if (variable == null) {
                return Optional.empty();
            }
            String value = System.getenv(variable);
            if (value == null || value.isBlank()) {
                throw Usage.error(command, "--api-key-variable names " + variable + ", which is not set.");
            }
            return Optional.of(value.strip());
        }
    }

    @Option(
            names = "--model-name",
            paramLabel = "NAME",
            description = "Name by which clients ask for the model. Default: the file's name without .gguf.")
    private @Nullable String modelName;

    @Option(
            names = "--request-adapter",
            paramLabel = "NAME=PATH",
            description =
                    "LoRA adapter that a request may have applied to its answer, by 'lora': [{'id': NAME, 'scale': 1}];"
                            + " repeatable. Requests without 'lora' have the adapters of --adapter.")
    private List<String> requestAdapters = List.of();

    @Option(
            names = "--allow-origin",
            paramLabel = "ORIGIN",
            description =
                    "Origin of web pages that may use the server, such as https://example.org; repeatable. Default: no"
                            + " page may.")
    private List<String> origins = List.of();

    @Option(
            names = "--allow-host",
            paramLabel = "NAME",
            description = "Another name that the Host header of requests may have; repeatable.")
    private List<String> hosts = List.of();

    @Option(
            names = "--max-calls",
            paramLabel = "N",
            description =
                    "Maximum answers and batches that the model works on or that wait for it; more are refused with the"
                            + " status 429. Default: ${DEFAULT-VALUE}.")
    private int maxCalls = ModelOptions.defaults().maxCalls();

    @Option(
            names = "--max-requests",
            paramLabel = "N",
            description =
                    "Maximum requests at a time; more are refused with the status 429. Default: ${DEFAULT-VALUE}.")
    private int maxRequests = ServerOptions.defaults().maxRequests();

    @Option(
            names = "--max-body",
            paramLabel = "MIB",
            description = "Maximum size of a request in MiB; a larger one is refused with the status 413. Default:"
                    + " ${DEFAULT-VALUE}.")
    private int maxBody = (int) (ServerOptions.defaults().maxBodyBytes() / MEBIBYTE);

    @Option(
            names = "--time-limit",
            paramLabel = "SECONDS",
            description = "End an answer after this time, which includes waiting and the prompt. Default: no limit.")
    private @Nullable Double timeLimit;

    @Option(
            names = "--grace",
            paramLabel = "SECONDS",
            description = "When the server is stopped, let answers continue for this time. Default: ${DEFAULT-VALUE}.")
    private double grace = ServerOptions.defaults().grace().toSeconds();

    ServeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ServerOptions options = options();
        limitConnections();
        ModelOptions modelOptions = Usage.valid(
                command, () -> model.options().toBuilder().maxCalls(maxCalls).build());
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = Thread.ofPlatform().unstarted(() -> stop(asked, ended));
        try (LemModel loaded = model.load(modelOptions);
                LemServer server = LemServer.start(loaded, options)) {
            Runtime.getRuntime().addShutdownHook(hook);
            announce(server);
            awaitEnd(asked);
        } finally {
            ended.countDown();
        }
        return 0;
    }

    /** Those without a request are counted by the JDK's server alone, which reads this when it is first used. */
    private void limitConnections() {
        if (System.getProperty(CONNECTIONS) == null) {
            long most = 4L * maxRequests + CONNECTIONS_MORE;
            System.setProperty(CONNECTIONS, Long.toString(Math.min(most, Integer.MAX_VALUE)));
        }
    }

    /** At the end of the process: lets the command close server and model, and waits for that. */
    private void stop(CountDownLatch asked, CountDownLatch ended) {
        console.note("lem: The server is being stopped; answers may end.");
        asked.countDown();
        awaitEnd(ended);
    }

    private static void awaitEnd(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            // Whoever runs the command in a thread ends it so.
            Thread.currentThread().interrupt();
        }
    }

    private void announce(LemServer server) {
        console.out().println("Serving " + server.modelName() + " at " + server.uri() + "/v1");
        console.out().flush();
        console.note(
                "lem: " + (server.asksForKey() ? "Clients must send the API key. " : "") + "Ctrl-C stops the server.");
    }

    private ServerOptions options() throws IOException {
        Optional<String> secret = key.read(command);
        Map<String, Path> adapters = requestAdapters();
        return Usage.valid(command, () -> {
            ServerOptions.Builder builder = ServerOptions.builder()
                    .host(host)
                    .port(port)
                    .allowedOrigins(origins)
                    .allowedHosts(hosts)
                    .maxRequests(maxRequests)
                    .maxBodyBytes(maxBody * MEBIBYTE)
                    .grace(OptionValues.seconds(grace));
            secret.ifPresent(builder::apiKey);
            adapters.forEach(builder::adapter);
            if (modelName != null) {
                builder.modelName(modelName);
            }
            if (timeLimit != null) {
                builder.timeLimit(OptionValues.seconds(timeLimit));
            }
            return builder.build();
        });
    }

    private Map<String, Path> requestAdapters() throws IOException {
        Map<String, Path> adapters = new LinkedHashMap<>();
        for (String given : requestAdapters) {
            Map.Entry<String, Path> adapter = AdapterOption.parseNamed(command, "--request-adapter", given);
            if (adapters.put(adapter.getKey(), adapter.getValue()) != null) {
                throw Usage.error(command, "--request-adapter names '" + adapter.getKey() + "' twice.");
            }
        }
        return adapters;
    }
}
