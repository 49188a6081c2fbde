package io.lethean.lem.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code lem.config.json} of the working folder, with the keys of the published project. Each key is used or refused by
 * name; keys that begin with an underscore are comments.
 */
final class ProjectConfig {

    static final String NAME = "lem.config.json";

    /** The published file has one level of sections. */
    private static final String COMMENT = "_";

    private final Path file;
    private final Map<String, String> values = new LinkedHashMap<>();

    private ProjectConfig(Path file) {
        this.file = file;
    }

    /** Without any key, as without a file. */
    static ProjectConfig none() {
        return new ProjectConfig(Path.of(NAME));
    }

    /**
     * The configuration of a folder; without any key if the file is missing.
     *
     * @throws IOException a sentence with the key, if one cannot be used
     */
    static ProjectConfig in(Path folder) throws IOException {
        ProjectConfig config = new ProjectConfig(folder.resolve(NAME));
        if (Files.isRegularFile(config.file)) {
            config.readAll("", config.root());
        }
        return config;
    }

    private JsonNode root() throws IOException {
        try {
            JsonNode root = JsonMapper.shared().readTree(file.toFile());
            if (!root.isObject()) {
                throw new IOException(file + " should contain one JSON object.");
            }
            return root;
        } catch (JacksonException e) {
            throw new IOException(file + " is not valid JSON: " + e.getOriginalMessage() + ".", e);
        }
    }

    private void readAll(String section, JsonNode object) throws IOException {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            String name = section + member.getKey();
            if (member.getKey().startsWith(COMMENT)) {
                continue;
            }
            boolean isSection =
                    ConfigKey.names().stream().anyMatch(key -> key.startsWith(name + ".")) && section.isEmpty();
            if (!isSection) {
                read(name, member.getValue());
            } else if (member.getValue().isObject()) {
                readAll(name + ".", member.getValue());
            } else {
                throw refusal(name, member.getValue(), "an object");
            }
        }
    }

    private void read(String name, JsonNode value) throws IOException {
        ConfigKey key = ConfigKey.all().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElse(null);
        if (key == null) {
            String meant = Suggestions.closest(name, ConfigKey.names())
                    .map(known -> "did you mean " + known + "?")
                    .orElse("docs/models.md lists the keys.");
            throw new IOException(file + " has a key " + name + ", which is not known; " + meant);
        }
        if (!key.kind().accepts(value)) {
            throw refusal(name, value, key.kind().expected());
        }
        values.put(name, value.asString());
    }

    private IOException refusal(String name, JsonNode value, String expected) {
        return new IOException(file + " has " + value + " as " + name + "; it should be " + expected + ".");
    }

    Path file() {
        return file;
    }

    Optional<String> value(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /** The defaults that it gives the options of a command, by the option's name in the table of keys. */
    Map<String, String> defaults(CommandSpec command) {
        return with(ConfigKey.Role.DEFAULT, command);
    }

    /** The folders in which options of a command look for files that are not in the working folder. */
    Map<String, String> folders(CommandSpec command) {
        return with(ConfigKey.Role.FOLDER, command);
    }

    private Map<String, String> with(ConfigKey.Role role, CommandSpec command) {
        Map<String, String> found = new LinkedHashMap<>();
        for (ConfigKey key : ConfigKey.all()) {
            if (key.role() == role && values.containsKey(key.name()) && key.concerns(command)) {
                found.put(key.option(), values.get(key.name()));
            }
        }
        return found;
    }
}
