package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.ForeignFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder with a model of Hugging Face or mlx-lm: where its configuration is and what it says.
 *
 * @param path the folder
 * @param raw {@code config.json} as it is
 * @param config the same with the text part of a multimodal model moved to the top, and with transformers' defaults
 */
public record ModelFolder(Path path, ModelConfig raw, ModelConfig config) {

    private static final String CONFIG = "config.json";
    private static final String TEXT = "text_config";

    /**
     * Opens a folder.
     *
     * @throws InvalidModelException if it is not such a folder, saying what it looks like
     * @throws IOException if its configuration cannot be read
     */
    public static ModelFolder open(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            throw noFolder(path);
        }
        Path file = path.resolve(CONFIG);
        if (!Files.isRegularFile(file)) {
            throw noConfig(path);
        }
        ModelConfig raw = ModelConfig.read(file);
        return new ModelFolder(path, raw, new ModelConfig(file, completed(raw.values())));
    }

    private static Map<String, @Nullable Object> completed(Map<String, @Nullable Object> raw) {
        Map<String, @Nullable Object> root = new LinkedHashMap<>(ConfigDefaults.applied(raw));
        ModelConfig.object(raw.get(TEXT)).ifPresent(text -> root.putAll(ConfigDefaults.applied(textConfig(raw, text))));
        return root;
    }

    /** A text part without a model type has that of its model. */
    private static Map<String, @Nullable Object> textConfig(
            Map<String, @Nullable Object> raw, Map<String, @Nullable Object> text) {
        Map<String, @Nullable Object> typed = new LinkedHashMap<>(text);
        typed.putIfAbsent("model_type", raw.get("model_type") + "_text");
        return typed;
    }

    /** The class that the model was saved with, such as {@code LlamaForCausalLM}. */
    public String architecture() {
        return raw.child(TEXT)
                .map(text -> text.list("architectures"))
                .filter(list -> !list.isEmpty())
                .or(() -> java.util.Optional.of(raw.list("architectures")))
                .filter(list -> !list.isEmpty())
                .map(list -> String.valueOf(list.getFirst()))
                .orElseThrow(() -> new InvalidModelException(
                        "config-key",
                        "The file " + raw.file() + " does not say architectures, so it is unknown what model this is;"
                                + " take config.json from the original model."));
    }

    /** A file of the folder. */
    public Path file(String name) {
        return path.resolve(name);
    }

    /** Whether the folder has this file. */
    public boolean has(String name) {
        return Files.isRegularFile(file(name));
    }

    private static InvalidModelException noFolder(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(
                    path.toString(), null, path + " does not exist; " + ForeignFile.advice(path) + ".");
        }
        String name = path.toString();
        String next = name.endsWith(".gguf")
                ? "it is a GGUF file already; lem quantize writes it in another type"
                : "name the folder that holds config.json and the safetensors files";
        return new InvalidModelException(
                "model-folder", path + " is a file, and a model's folder was expected: " + next + ".");
    }

    private static InvalidModelException noConfig(Path path) throws IOException {
        if (Files.isRegularFile(path.resolve("adapter_config.json"))) {
            return new InvalidModelException(
                    "model-folder",
                    "The folder " + path
                            + " contains an adapter, not a model; 'lem adapter convert' makes a GGUF adapter of it, and"
                            + " 'lem fuse' merges it"
                            + " into its model.");
        }
        if (Files.isRegularFile(path.resolve("params.json"))) {
            return new InvalidModelException(
                    "model-folder",
                    "The folder " + path
                            + " has params.json and not config.json: it is Mistral's or Meta's own form of a"
                            + " model. Take the form with config.json and model.safetensors, which the same page offers.");
        }
        List<Path> inner = foldersWithConfig(path);
        String next = inner.isEmpty()
                ? "download it again or take it from the original model"
                : "name the folder " + inner.getFirst() + ", which has it";
        return new InvalidModelException(
                "model-folder",
                "The folder " + path + " has no " + CONFIG + ", which says what model it is; " + next + ".");
    }

    private static List<Path> foldersWithConfig(Path path) throws IOException {
        try (Stream<Path> entries = Files.list(path)) {
            return entries.filter(entry -> Files.isRegularFile(entry.resolve(CONFIG)))
                    .sorted()
                    .toList();
        }
    }
}
