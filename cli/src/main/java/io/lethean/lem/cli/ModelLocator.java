package io.lethean.lem.cli;

import io.lethean.lem.cli.LocatedModel.Source;
import io.lethean.lem.hub.HubName;
import io.lethean.lem.internal.gguf.ForeignFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which model a command uses: the option, then {@code LEM_MODEL}, then {@code lem.config.json}, then the default
 * model if it was downloaded, then the small test model that comes with the project. Only a name that begins with {@code
 * hf:} is downloaded.
 */
record ModelLocator(
        Map<String, String> environment, Path workingFolder, Path home, DefaultModel defaultModel, HubNames hub) {

    /** What the options that name a model have in common. */
    static final String DEFAULT =
            "Default: LEM_MODEL, then default_model of lem.config.json, then the model of 'lem pull"
                    + " default', then models/lem-nano.gguf, a test model.";

    private static final String MODELS = "models";
    private static final String BUNDLED = "models/lem-nano.gguf";

    static ModelLocator ofProcess(HubNames hub) {
        return new ModelLocator(System.getenv(), Path.of(""), Lem.home(), DefaultModel.ofProcess(), hub);
    }

    LocatedModel locate(@Nullable Path option) throws IOException {
        Optional<LocatedModel> found = named(option);
        if (found.isPresent()) {
            return found.get();
        }
        Optional<Path> downloaded = defaultModel.cached();
        if (downloaded.isPresent()) {
            return new LocatedModel(downloaded.get(), Source.DEFAULT);
        }
        for (Path folder : new Path[] {workingFolder, home}) {
            Path bundled = folder.resolve(BUNDLED);
            if (Files.isRegularFile(bundled)) {
                return new LocatedModel(bundled, Source.TEST_MODEL);
            }
        }
        throw new NoSuchFileException(
                BUNDLED,
                null,
                "No model is named, the default model is not downloaded, and " + BUNDLED
                        + " is not there; run 'lem pull"
                        + " default', or name a model with --model, the variable LEM_MODEL, or default_model in"
                        + " lem.config.json.");
    }

    /** The model that the option, the variable or the configuration names. */
    private Optional<LocatedModel> named(@Nullable Path option) throws IOException {
        if (option != null) {
            return Optional.of(new LocatedModel(existing(option, "--model"), Source.OPTION));
        }
        String variable = environment.get("LEM_MODEL");
        if (variable != null && !variable.isBlank()) {
            return Optional.of(
                    new LocatedModel(existing(Path.of(variable), "the variable LEM_MODEL"), Source.VARIABLE));
        }
        ProjectConfig config = ProjectConfig.in(workingFolder);
        Optional<String> configured = config.value(ConfigKey.DEFAULT_MODEL);
        if (configured.isPresent()) {
            return Optional.of(new LocatedModel(configured(config, configured.get()), Source.CONFIGURATION));
        }
        return Optional.empty();
    }

    /** {@code default_model}: a name on the hub, a path, or a name inside {@code model_dir}. */
    private Path configured(ProjectConfig config, String model) throws IOException {
        if (HubName.isHubName(model)) {
            return existing(Path.of(model), config.file().toString());
        }
        Path folder = workingFolder.resolve(config.value(ConfigKey.MODEL_DIR).orElse(MODELS));
        Path inFolder = folder.resolve(model);
        List<Path> candidates = List.of(workingFolder.resolve(model), folder.resolve(model + ".gguf"), inFolder);
        for (Path candidate : candidates) {
            if (Files.exists(candidate)) {
                return candidate;
            }
        }
        throw new NoSuchFileException(
                model,
                null,
                "The model " + model + ", named by default_model of " + config.file() + ", is neither a file nor in the"
                        + " folder " + folder + "; " + ForeignFile.advice(Path.of(model)) + ".");
    }

    private Path existing(Path given, String source) throws IOException {
        Path path = hub.model(given);
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
