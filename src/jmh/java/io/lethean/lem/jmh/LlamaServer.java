package io.lethean.lem.jmh;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** llama.cpp's server in a process of its own, asked over HTTP. */
final class LlamaServer implements AutoCloseable {

    private final Process process;
    private final URI address;
    private final HttpClient client = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    private LlamaServer(Process process, int port) {
        this.process = process;
        this.address = URI.create("http://127.0.0.1:" + port);
    }

    /**
     * How it is started.
     *
     * @param slots answers in parallel
     * @param context tokens of each of them
     * @param more other arguments
     */
    record Settings(Path model, int threads, int slots, int context, List<String> more) {}

    /** Starts it and waits until the model is loaded. */
    static LlamaServer start(Path program, Settings settings) throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        List<Object> command = new ArrayList<>(List.of(
                program.toAbsolutePath(),
                "-m",
                settings.model(),
                "--host",
                "127.0.0.1",
                "--port",
                port,
                "-t",
                settings.threads(),
                "-tb",
                settings.threads(),
                "-np",
                settings.slots(),
                "-c",
                settings.slots() * settings.context(),
                "-ngl",
                0,
                "--no-warmup"));
        command.addAll(settings.more());
        Process process = new ProcessBuilder(
                        command.stream().map(Object::toString).toList())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        LlamaServer server = new LlamaServer(process, port);
        while (!server.isReady()) {
            if (!process.isAlive()) {
                throw new IOException(String.format(
                        Locale.ROOT, "llama-server ended with code %d: %s", process.exitValue(), command));
            }
            Thread.sleep(100);
        }
        return server;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    private boolean isReady() throws InterruptedException {
        try {
            HttpRequest health =
                    HttpRequest.newBuilder(address.resolve("/health")).build();
            return client.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Continues prompts greedily, so many at a time, its cache for prompts being on as it is by default. */
    void completeAll(List<List<Integer>> prompts, int clients, int tokens) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(clients)) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (List<Integer> prompt : prompts) {
                answers.add(executor.submit(() -> complete(prompt, tokens)));
            }
            for (Future<Integer> answer : answers) {
                if (answer.get() != tokens) {
                    throw new IllegalStateException(
                            String.format(Locale.ROOT, "llama-server gave %d tokens.", answer.get()));
                }
            }
        }
    }

    private int complete(List<Integer> prompt, int tokens) throws IOException, InterruptedException {
        String body = String.format(
                Locale.ROOT,
                "{\"prompt\": %s, \"n_predict\": %d, \"temperature\": 0, \"ignore_eos\": true, \"cache_prompt\": true}",
                prompt,
                tokens);
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/completion"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        JsonNode answer = json.readTree(response.body());
        if (response.statusCode() != 200) {
            throw new IOException("llama-server said " + response.body());
        }
        return answer.get("tokens_predicted").asInt();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException wanted) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
