package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The {@code adapter_config.json} next to an adapter's weights, with typed access. */
final class AdapterConfig {

    static final String FILE_NAME = "adapter_config.json";

    private static final int MAX_BYTES = 1 << 20;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(32).build())
                    .build())
            .build();

    private final Path path;
    private final JsonNode root;

    private AdapterConfig(Path path, JsonNode root) {
        this.path = path;
        this.root = root;
    }

    /**
     * Reads the file.
     *
     * @throws InvalidModelException when it is too large or not a JSON object
     * @throws IOException when it cannot be read
     */
    static AdapterConfig read(Path path) throws IOException {
        if (Files.size(path) > MAX_BYTES) {
            throw new InvalidModelException(
                    "adapter-config",
                    path + " has " + Files.size(path) + " bytes, and an adapter's configuration has at most "
                            + MAX_BYTES + ".");
        }
        JsonNode root;
        try {
            root = JSON.readTree(Files.readAllBytes(path));
        } catch (JacksonException e) {
            throw new InvalidModelException(
                    "adapter-config", path + " is not JSON: " + e.getOriginalMessage() + ".", e);
        }
        if (!root.isObject()) {
            throw new InvalidModelException("adapter-config", path + " is not a JSON object.");
        }
        return new AdapterConfig(path, root);
    }

    Path path() {
        return path;
    }

    boolean has(String key) {
        return !root.path(key).isMissingNode() && !root.path(key).isNull();
    }

    JsonNode get(String key) {
        return root.path(key);
    }

    /** All keys at the top with their values. */
    Set<Map.Entry<String, JsonNode>> properties() {
        return root.properties();
    }

    /** The part of the configuration under a key; empty if the key is missing or its value is not an object. */
    Optional<AdapterConfig> section(String key) {
        JsonNode node = root.path(key);
        return node.isObject() ? Optional.of(new AdapterConfig(path, node)) : Optional.empty();
    }

    boolean flag(String key) {
        return root.path(key).isBoolean() && root.path(key).asBoolean();
    }

    Optional<String> text(String key) {
        return root.path(key).isString() ? Optional.of(root.path(key).asString()) : Optional.empty();
    }

    OptionalDouble number(String key) {
        return root.path(key).isNumber() ? OptionalDouble.of(root.path(key).asDouble()) : OptionalDouble.empty();
    }

    /**
     * A number that has to be there.
     *
     * @throws InvalidModelException when it is not, or is not finite
     */
    double requireNumber(String key) {
        double number = number(key).orElse(Double.NaN);
        if (!Double.isFinite(number)) {
            throw invalid("has no number " + key);
        }
        return number;
    }

    /** An exception for a configuration that cannot be used; {@code what} completes "FILE ...". */
    InvalidModelException invalid(String what) {
        return new InvalidModelException("adapter-config", path + " " + what + ".");
    }
}
