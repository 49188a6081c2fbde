package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lem serve} in a process of its own, and what it refuses. */
class ServeCommandIT {

    private static final String MODEL = "models/lem-nano.gguf";
    private static final String KEY = "a-key-of-20-letters!";

    @TempDir
    private Path folder;

    private static HttpResponse<String> post(String address, String path, String body, String key)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(address + path))
                            .header("Authorization", "Bearer " + key)
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void server_saysWhereItIs_answersAndStopsWhenAsked() throws Exception {
        Path key = Files.writeString(folder.resolve("key.txt"), KEY + "\n");
        Process process = LemProcess.builder(
                        "serve",
                        "-t",
                        "1",
                        "--model",
                        MODEL,
                        "--port",
                        "0",
                        "--api-key-file",
                        key.toString(),
                        "--model-name",
                        "nano")
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            while (line != null && !line.startsWith("Serving ")) {
                line = out.readLine();
            }
            assertThat(line).matches("Serving nano at http://127\\.0\\.0\\.1:[0-9]+/v1");
            String address = line.substring(line.indexOf("http"));
            String body = "{\"model\":\"nano\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"max_tokens\":3}";
            assertThat(post(address, "/chat/completions", body, KEY).statusCode())
                    .isEqualTo(200);
            assertThat(post(address, "/chat/completions", body, "another-key-of-this-length")
                            .statusCode())
                    .isEqualTo(401);
            // Process.destroy() would close the stream that is read.
            assertThat(process.toHandle().destroy()).isTrue();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            String rest = out.lines().collect(Collectors.joining("\n"));
            assertThat(rest).contains("The server is being stopped").doesNotContain(KEY, "Exception");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void exampleOfTheDocument_isTheProgram_andServes() throws Exception {
        ExampleProgram example = ExampleProgram.of("examples/serve/Serve.java");
        example.assertIsFirstIn(Path.of("docs/server.md"));

        Process process = example.start(MODEL, "0");
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            assertThat(line).startsWith("Serving lem-nano at http://127.0.0.1:");
            String address = line.substring(line.indexOf("http"));
            assertThat(post(address, "/v1/completions", "{\"prompt\":\"A\",\"max_tokens\":1}", "none")
                            .statusCode())
                    .isEqualTo(200);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void addressForOthersWithoutAKey_isRefused() {
        CommandRun run = CommandRun.of("serve", "-t", "1", "--model", MODEL, "--host", "0.0.0.0", "--port", "0");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("The address 0.0.0.0 can be reached from other machines, and no API key is set.");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void keysAndPortsThatCannotBe_areWrongUsage() throws IOException {
        Path shortKey = Files.writeString(folder.resolve("short.txt"), "short");

        CommandRun key = CommandRun.of("serve", "--model", MODEL, "--api-key-file", shortKey.toString());
        assertThat(key.code()).isEqualTo(2);
        assertThat(key.err()).contains("The API key has 5 characters.").doesNotContain("'short'");
        CommandRun port = CommandRun.of("serve", "--model", MODEL, "--port", "70000");
        assertThat(port.err()).contains("--port is 70000 and must be between 0 and 65535.");
        CommandRun adapter = CommandRun.of("serve", "--model", MODEL, "--request-adapter", "kind.gguf");
        assertThat(adapter.code()).isEqualTo(2);
        assertThat(adapter.err()).contains("--request-adapter is 'kind.gguf' and must be NAME=PATH");
        CommandRun absent = CommandRun.of("serve", "--model", MODEL, "--request-adapter", "kind=absent.gguf");
        assertThat(absent.code()).isEqualTo(1);
        assertThat(absent.err()).contains("The adapter absent.gguf, named by --request-adapter, does not exist");
        CommandRun variable = CommandRun.of("serve", "--model", MODEL, "--api-key-variable", "LEM_NO_SUCH_VARIABLE");
        assertThat(variable.err()).contains("--api-key-variable names LEM_NO_SUCH_VARIABLE, which is not set.");
        CommandRun both = CommandRun.of(
                "serve", "--model", MODEL, "--api-key-variable", "A", "--api-key-file", shortKey.toString());
        assertThat(both.code()).isEqualTo(2);
    }
}
