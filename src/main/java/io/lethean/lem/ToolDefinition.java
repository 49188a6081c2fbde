package io.lethean.lem;

import java.util.Objects;

/**
 * A tool that a model may ask for. The caller runs it; the library never does.
 *
 * @param name by which the model calls it
 * @param description what it does, for the model; may be empty
 * @param parameters the JSON Schema of its arguments, which are an object
 */
public record ToolDefinition(String name, String description, String parameters) {

    private static final String NO_PARAMETERS = "{\"type\": \"object\", \"properties\": {}}";

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ToolDefinition {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(parameters, "parameters");
        if (name.isBlank()) {
            throw new IllegalArgumentException("A tool has no name; a model cannot call it.");
        }
    }

    /**
     * A tool without parameters.
     *
     * @param name the name by which the model calls it
     * @param description what it does, for the model
     */
    public ToolDefinition(String name, String description) {
        this(name, description, NO_PARAMETERS);
    }
}
