package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.io.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/** How sentence-transformers makes one embedding from those of the tokens: {@code modules.json} and what it names. */
final class Pooling {

    private static final String MODULES = "modules.json";

    /** The numbers are those of llama.h. */
    private static final List<Map.Entry<String, Integer>> FLAGS = List.of(
            Map.entry("pooling_mode_mean_tokens", 1),
            Map.entry("pooling_mode_cls_token", 2),
            Map.entry("pooling_mode_lasttoken", 3));

    private static final Map<String, Integer> MODES = Map.of("mean", 1, "cls", 2, "lasttoken", 3);

    private Pooling() {}

    /** The classification head instead of an embedding, as numbered in llama.h. */
    static final int RANK = 4;

    /** Writes the kind of pooling, if the folder says it. */
    static void write(Hyperparameters out, ModelFolder folder) {
        try {
            Optional<Path> file = configuration(folder);
            if (file.isPresent()) {
                out.count("pooling_type", type(ModelConfig.read(file.get())));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Path> configuration(ModelFolder folder) throws IOException {
        if (!folder.has(MODULES)) {
            return Optional.empty();
        }
        Path modules = folder.file(MODULES);
        try {
            if (Json.parse(Files.readString(modules)) instanceof List<?> list) {
                for (Object each : list) {
                    if (each instanceof Map<?, ?> module
                            && String.valueOf(module.get("type")).endsWith("Pooling")) {
                        return Optional.of(inside(folder, String.valueOf(module.get("path"))));
                    }
                }
            }
            return Optional.empty();
        } catch (JacksonException e) {
            throw new InvalidModelException(
                    "config-json",
                    "The file " + modules + " is not complete JSON: " + Json.problem(e) + "; download it again.");
        }
    }

    private static Path inside(ModelFolder folder, String path) {
        Path file = folder.path().resolve(path).resolve("config.json").normalize();
        if (!file.startsWith(folder.path().normalize()) || !Files.isRegularFile(file)) {
            throw new InvalidModelException(
                    "config-pooling",
                    "The file " + folder.file(MODULES) + " says that pooling is described in " + path
                            + "/config.json, which is not in the folder; download it, too.");
        }
        return file;
    }

    private static int type(ModelConfig config) {
        for (Map.Entry<String, Integer> flag : FLAGS) {
            if (config.isTrue(flag.getKey())) {
                return flag.getValue();
            }
        }
        Integer mode = MODES.get(String.valueOf(config.find("pooling_mode").orElse("")));
        if (mode == null) {
            throw new InvalidModelException(
                    "config-pooling",
                    "The file " + config.file()
                            + " asks for a pooling that llama.cpp does not have; mean, cls and lasttoken"
                            + " can be converted.");
        }
        return mode;
    }
}
