package io.lethean.lem;

import java.util.Objects;

/**
 * A call of a tool that a model asks for.
 *
 * @param id by which the result is told apart from others; may be empty
 * @param name the tool
 * @param arguments the arguments as a JSON object
 */
public record ToolCall(String id, String name, String arguments) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ToolCall {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(arguments, "arguments");
    }
}
