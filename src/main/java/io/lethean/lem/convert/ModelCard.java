package io.lethean.lem.convert;

import io.lethean.lem.internal.io.Yaml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The head of a model card: YAML between two lines of three dashes at the start of README.md. */
final class ModelCard {

    private static final String FENCE = "---";
    private static final long MAX_BYTES = 8L << 20;

    private ModelCard() {}

    /** The values of a card; none for a file without a head, or with one that is not YAML. */
    static Map<String, @Nullable Object> read(Path file) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
            return Map.of();
        }
        List<String> lines = new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .toList();
        if (lines.isEmpty() || !lines.getFirst().equals(FENCE)) {
            return Map.of();
        }
        List<String> head = lines.subList(1, lines.size()).stream()
                .takeWhile(line -> !line.equals(FENCE))
                .map(line -> line.replace("\t", "  "))
                .map(line -> line.endsWith("- no") ? line.substring(0, line.length() - 2) + "\"no\"" : line)
                .toList();
        try {
            return Yaml.parseObject(String.join("\n", head) + "\n");
        } catch (IllegalArgumentException notYaml) {
            return Map.of();
        }
    }
}
