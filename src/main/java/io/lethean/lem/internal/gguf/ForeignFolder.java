package io.lethean.lem.internal.gguf;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.io.Json;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;

/** A folder where a GGUF file was expected: what it contains, and what to do with that. */
public final class ForeignFolder {

    private static final String CONFIG = "config.json";
    private static final String ADAPTER_CONFIG = "adapter_config.json";
    private static final String HUB_CACHE = "models--";

    /** Configurations have some kilobytes; a larger file has another purpose. */
    private static final long MAX_CONFIG_BYTES = 1 << 20;

    private static final int NAMED_FILES = 5;

    /** The second and later parts of a split model, and the projectors of images and sound, are not models alone. */
    private static final Pattern NOT_A_MODEL =
            Pattern.compile("mmproj.*|adapter\\.gguf|.*-(?!00001-)\\d{5}-of-\\d{5}\\.gguf", Pattern.CASE_INSENSITIVE);

    private final Path folder;

    private ForeignFolder(Path folder) {
        this.folder = folder;
    }

    /** Refuses a folder that was given as a model. */
    static InvalidModelException refusal(Path folder) throws IOException {
        return new InvalidModelException(GgufRule.MAGIC.id(), new ForeignFolder(folder).sentence());
    }

    /** Whether a folder contains a model in the form of Hugging Face or mlx-lm, to be converted. */
    public static boolean isConvertible(Path folder) throws IOException {
        return new ForeignFolder(folder).isHuggingFace();
    }

    /** The command that makes a GGUF file of a folder. */
    public static String conversion(Path folder) {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        return "'lem convert --model " + folder + " --save-path " + (name == null ? "model" : name) + ".gguf'";
    }

    private String sentence() throws IOException {
        List<String> models = names("*.gguf").stream()
                .filter(name -> !NOT_A_MODEL.matcher(name).matches())
                .toList();
        if (has(ADAPTER_CONFIG) || has("adapter.gguf") && models.isEmpty()) {
            return adapter();
        }
        if (!models.isEmpty()) {
            return chooseOf(models);
        }
        if (isHuggingFace()) {
            return "The folder " + folder + " contains " + kind() + ", and a GGUF file is expected; convert it with "
                    + conversion(folder) + ".";
        }
        return hubCache().or(this::pickles).or(this::consolidated).orElseGet(this::nothingKnown);
    }

    private String adapter() throws IOException {
        String base = config(ADAPTER_CONFIG)
                .flatMap(config -> Optional.ofNullable(config.get("base_model_name_or_path"))
                        .or(() -> Optional.ofNullable(config.get("model"))))
                .filter(name -> name instanceof String text && !text.isBlank())
                .map(name -> " (" + name + ")")
                .orElse("");
        return "The folder " + folder + " contains a LoRA adapter, not a model; load the model that it was trained on"
                + base + ", and apply the adapter to it: '--model MODEL --adapter " + folder + "'.";
    }

    private String chooseOf(List<String> models) {
        String first = "'--model " + folder.resolve(models.getFirst()) + "'";
        if (models.size() == 1) {
            return "The model " + folder + " is a folder, and a file is expected; name the GGUF file in it: " + first
                    + ".";
        }
        String more = models.size() > NAMED_FILES ? " and " + (models.size() - NAMED_FILES) + " more" : "";
        return "The folder " + folder + " contains several GGUF files (" + String.join(", ", first(models)) + more
                + "); name one of them, as in " + first + ".";
    }

    private static List<String> first(List<String> names) {
        return names.subList(0, Math.min(NAMED_FILES, names.size()));
    }

    private boolean isHuggingFace() throws IOException {
        return has(CONFIG)
                && (has("model.safetensors.index.json")
                        || !names("*.safetensors").isEmpty());
    }

    private String kind() throws IOException {
        Map<String, Object> config = config(CONFIG).orElse(Map.of());
        String type = config.get("model_type") instanceof String text ? " (model type " + text + ")" : "";
        boolean quantized = config.get("quantization") instanceof Map<?, ?>;
        return quantized ? "an mlx-lm model" + type : "a Hugging Face model in safetensors" + type;
    }

    private Optional<String> hubCache() {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        if (name == null || !name.toString().startsWith(HUB_CACHE) || !has("snapshots")) {
            return Optional.empty();
        }
        String model = name.toString().substring(HUB_CACHE.length()).replace("--", "/");
        return Optional.of("The folder " + folder + " is the cache of a model from Hugging Face's hub; name the model"
                + " as 'hf:" + model + "' instead, which uses this cache.");
    }

    private Optional<String> pickles() {
        try {
            boolean pickled = has(CONFIG)
                    && !(names("*.bin").isEmpty()
                            && names("*.pt").isEmpty()
                            && names("*.pth").isEmpty());
            return pickled
                    ? Optional.of("The folder " + folder + " contains a model only as PyTorch pickles, which can run"
                            + " code when they are read; take the model in safetensors, and convert that folder with"
                            + " 'lem convert'.")
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Optional<String> consolidated() {
        return has("params.json") && has("consolidated.safetensors")
                ? Optional.of("The folder " + folder + " contains a model in Mistral's own form (params.json,"
                        + " consolidated.safetensors); take its Hugging Face form, with config.json, and convert that"
                        + " folder with 'lem convert'.")
                : Optional.empty();
    }

    private String nothingKnown() {
        return "The model " + folder + " is a folder, and a GGUF file is expected; the folder contains neither a GGUF"
                + " file nor a model that 'lem convert' reads (config.json with safetensors).";
    }

    private boolean has(String name) {
        return Files.exists(folder.resolve(name));
    }

    private List<String> names(String glob) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, glob)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
        names.sort(null);
        return names;
    }

    /** A configuration that can be read; anything else is the converter's to report. */
    private Optional<Map<String, Object>> config(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file) || Files.size(file) > MAX_CONFIG_BYTES) {
            return Optional.empty();
        }
        try {
            if (Json.parse(Files.readString(file)) instanceof Map<?, ?> object) {
                Map<String, Object> members = new LinkedHashMap<>();
                object.forEach((key, value) -> {
                    if (value != null) {
                        members.put(String.valueOf(key), value);
                    }
                });
                return Optional.of(members);
            }
            return Optional.empty();
        } catch (JacksonException | CharacterCodingException notJson) {
            return Optional.empty();
        }
    }
}
