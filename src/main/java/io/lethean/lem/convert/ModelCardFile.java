package io.lethean.lem.convert;

import io.lethean.lem.convert.ExportOptions.Target;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.io.AtomicFile;
import io.lethean.lem.internal.io.PythonJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The model card of an exported model: what the GGUF file says about licence, languages and base models. */
final class ModelCardFile {

    private static final String PREFIX = "general.";
    private static final int MOST_BASES = 16;

    private final GgufMetadata metadata;
    private final StringBuilder text = new StringBuilder("---\n");

    private ModelCardFile(GgufMetadata metadata) {
        this.metadata = metadata;
    }

    static void write(Path target, GgufFile file, Target to) throws IOException {
        AtomicFile.writeText(target, new ModelCardFile(file.metadata()).build(file, to));
    }

    private String build(GgufFile file, Target to) {
        put("license", "license");
        put("license_name", "license.name");
        put("license_link", "license.link");
        put("library_name", to == Target.MLX ? Optional.of("mlx") : Optional.of("transformers"));
        put("pipeline_tag", Optional.of("text-generation"));
        putAll("language", texts("languages"));
        putAll("tags", texts("tags"));
        putAll("base_model", bases());
        String name = metadata.text(PREFIX + "name").orElse("Model");
        return text.append("---\n\n# ")
                .append(name.replaceAll("\\s+", " "))
                .append("\n\nExported from ")
                .append(file.path().getFileName())
                .append(" by LEM for Java.\n")
                .toString();
    }

    private void put(String name, String key) {
        put(name, metadata.text(PREFIX + key));
    }

    private void put(String name, Optional<String> value) {
        value.ifPresent(
                found -> text.append(name).append(": ").append(quoted(found)).append('\n'));
    }

    /** JSON's form of a text is YAML, too. */
    private static String quoted(String value) {
        return PythonJson.write(value);
    }

    private void putAll(String name, List<String> values) {
        if (!values.isEmpty()) {
            text.append(name).append(":\n");
            values.forEach(value -> text.append("- ").append(quoted(value)).append('\n'));
        }
    }

    private List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        Optional<GgufArray> array = metadata.array(PREFIX + key);
        for (int i = 0; i < array.map(GgufArray::size).orElse(0); i++) {
            texts.add(array.orElseThrow().textAt(i));
        }
        return texts;
    }

    /** Base models by their names at the hub, of which the file has addresses. */
    private List<String> bases() {
        List<String> bases = new ArrayList<>();
        for (int i = 0; i < MOST_BASES; i++) {
            metadata.text(PREFIX + "base_model." + i + ".repo_url")
                    .filter(url -> url.startsWith("https://huggingface.co/"))
                    .map(url -> url.substring("https://huggingface.co/".length()))
                    .ifPresent(bases::add);
        }
        return bases;
    }
}
