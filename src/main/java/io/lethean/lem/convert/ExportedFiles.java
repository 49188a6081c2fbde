package io.lethean.lem.convert;

import io.lethean.lem.internal.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The files of an exported model by name, and how those with JSON are written. */
final class ExportedFiles {

    static final String CONFIG = "config.json";
    static final String GENERATION = "generation_config.json";
    static final String INDEX = "model.safetensors.index.json";
    static final String CARD = "README.md";

    private static final List<String> NAMES =
            List.of(CONFIG, GENERATION, INDEX, CARD, "tokenizer.json", "tokenizer.model", "tokenizer_config.json");
    private static final Pattern WEIGHTS = Pattern.compile("model(-\\d{5}-of-\\d{5})?\\.safetensors");

    private ExportedFiles() {}

    static boolean isOwn(String name) {
        return NAMES.contains(name) || WEIGHTS.matcher(name).matches();
    }

    static void writeJson(Path file, Map<String, @Nullable Object> values) throws IOException {
        AtomicFile.writeText(
                file, JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(values) + "\n");
    }
}
