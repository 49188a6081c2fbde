package io.lethean.lem.cli;

import io.lethean.lem.internal.gguf.ForeignFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Decides which model a command uses: the option, then {@code LEM_MODEL}, then {@code lem.config.json}, then the small
 * model that comes with the project.
 */
record ModelLocator(Map<String, String> environment, Path workingFolder, Path home) {

    private static final String BUNDLED = "models/lem-nano.gguf";

    static ModelLocator ofProcess() {
        return new ModelLocator(System.getenv(), Path.of(""), Lem.home());
    }

    /** The model for a command. The user is told on standard error if nothing names a model. */
    static Path locate(CommandSpec command, @Nullable Path option) throws IOException {
        ModelLocator locator = ofProcess();
        Path file = locator.locate(option);
        if (locator.named(option) == null) {
            PrintWriter err = command.commandLine().getErr();
            err.println("lem: No model is named, so the small model " + file + " is used; --model names another.");
            err.flush();
        }
        return file;
    }

    Path locate(@Nullable Path option) throws IOException {
        Path named = named(option);
        if (named != null) {
            return named;
        }
        for (Path folder : new Path[] {workingFolder, home}) {
            Path bundled = folder.resolve(BUNDLED);
            if (Files.isRegularFile(bundled)) {
                return bundled;
            }
        }
        throw new NoSuchFileException(
                BUNDLED,
                null,
                "No model is named and " + BUNDLED + " is not there; name a GGUF file with --model, the variable"
                        + " LEM_MODEL, or default_model in lem.config.json.");
    }

    /** The model that the option, the variable or the configuration names; null if nothing names one. */
    @Nullable
    Path named(@Nullable Path option) throws IOException {
        if (option != null) {
            return existing(option, "--model");
        }
        String variable = environment.get("LEM_MODEL");
        if (variable != null && !variable.isBlank()) {
            return existing(Path.of(variable), "the variable LEM_MODEL");
        }
        Path config = workingFolder.resolve("lem.config.json");
        if (Files.isRegularFile(config)) {
            @Nullable Path configured = fromConfig(config);
            if (configured != null) {
                return existing(configured, config.toString());
            }
        }
        return null;
    }

    /** {@code default_model}, as a path or as a name inside {@code model_dir}. */
    private @Nullable Path fromConfig(Path config) throws IOException {
        JsonNode root;
        try {
            root = JsonMapper.shared().readTree(config.toFile());
        } catch (JacksonException e) {
            throw new IOException(config + " is not valid JSON: " + e.getOriginalMessage() + ".", e);
        }
        String model = root.path("default_model").asString("");
        if (model.isBlank()) {
            return null;
        }
        Path direct = workingFolder.resolve(model);
        Path inFolder = workingFolder.resolve(root.path("model_dir").asString("models"));
        for (Path candidate : new Path[] {direct, inFolder.resolve(model), inFolder.resolve(model + ".gguf")}) {
            if (Files.isRegularFile(candidate)) {
                return candidate;
            }
        }
        return direct;
    }

    private static Path existing(Path path, String source) throws NoSuchFileException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(
                    path.toString(),
                    null,
                    "The model " + path + ", named by " + source + ", does not exist; " + ForeignFile.advice(path)
                            + ".");
        }
        return path;
    }
}
