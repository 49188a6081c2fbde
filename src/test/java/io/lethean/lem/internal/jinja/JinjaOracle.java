package io.lethean.lem.internal.jinja;

import io.lethean.lem.Fixtures;
import io.lethean.lem.LlamaSource;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * llama.cpp's own Jinja engine in a process of its own (native/tools/jinja_oracle.cpp), and the templates that its
 * source brings.
 *
 * <p>The program is the system property {@code lem.jinja.oracle}, or {@code tools/jinja-oracle} next to the folder of
 * the native libraries ({@code lem.native.path}, or what {@code make tools} or {@code make native} recorded). The source
 * is the system property {@code lem.llama.src}, the variable {@code LLAMA_CPP_SRC}, or what {@code native/fetch.sh} left
 * in the cache.
 */
final class JinjaOracle implements AutoCloseable {

    /** The time that both engines take as now. */
    static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_760_000_000), ZoneOffset.UTC);

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader answers;

    /**
     * What the oracle makes of a template.
     *
     * @param ok whether it rendered
     * @param text the output, or the error
     */
    record Answer(boolean ok, String text) {}

    private JinjaOracle(Path program) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(program.toString()).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("TZ", "UTC");
        process = builder.start();
        requests = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts the program, or skips the test if the program is missing. */
    static JinjaOracle start() throws IOException {
        Optional<Path> program = program();
        if (program.isEmpty() || !Files.isExecutable(program.get())) {
            Fixtures.skip("it needs the program " + program.map(Path::toString).orElse("jinja-oracle")
                    + "; build it by native/build.sh --tools jinja-oracle");
        }
        return new JinjaOracle(program.orElseThrow());
    }

    /** The chat templates in llama.cpp's source, in order of their names; skips the test where there is no source. */
    static List<Path> templates() throws IOException {
        Path folder = LlamaSource.folder().resolve("models/templates");
        if (!Files.isDirectory(folder)) {
            Fixtures.skip("it needs the templates in " + folder + "; fetch the source by native/fetch.sh");
        }
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jinja"))
                    .sorted()
                    .toList();
        }
    }

    private static Optional<Path> program() throws IOException {
        String property = System.getProperty("lem.jinja.oracle");
        if (property != null) {
            return Optional.of(Path.of(property));
        }
        String libraries = System.getProperty("lem.native.path");
        for (String record : List.of("target/tools.path", "target/native.path")) {
            if (libraries == null && Files.exists(Path.of(record))) {
                String folder = Files.readString(Path.of(record)).strip();
                libraries = folder.isEmpty() ? null : folder;
            }
        }
        return Optional.ofNullable(libraries).map(folder -> Path.of(folder).resolveSibling("tools/jinja-oracle"));
    }

    Answer render(String template, Map<String, ?> context) {
        try {
            requests.write(JSON.writeValueAsString(Map.of(
                    "template",
                    template,
                    "context",
                    context,
                    "now",
                    CLOCK.instant().getEpochSecond())));
            requests.newLine();
            requests.flush();
            String line = answers.readLine();
            if (line == null) {
                throw new IllegalStateException("The oracle ended by itself.");
            }
            JsonNode answer = JSON.readTree(line);
            boolean ok = answer.get("ok").asBoolean();
            return new Answer(ok, answer.get(ok ? "text" : "error").asString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        requests.close();
        process.destroy();
    }
}
