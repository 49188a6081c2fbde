package io.lethean.lem.model;

import java.util.Optional;

/**
 * Whether a model calls a tool.
 *
 * @param mode who decides
 * @param tool the tool that must be called, for {@link Mode#NAMED}
 */
public record ToolChoice(Mode mode, Optional<String> tool) {

    /** The model decides. */
    public static final ToolChoice AUTO = new ToolChoice(Mode.AUTO, Optional.empty());

    /** The model must call a tool, whichever it is. */
    public static final ToolChoice REQUIRED = new ToolChoice(Mode.REQUIRED, Optional.empty());

    /** The model sees the tools, and what looks like a call is text. */
    public static final ToolChoice NONE = new ToolChoice(Mode.NONE, Optional.empty());

    /** Who decides whether a tool is called. */
    public enum Mode {
        /** The model decides. */
        AUTO,
        /** The model must call a tool, whichever it is. */
        REQUIRED,
        /** The model must call the tool that is named. */
        NAMED,
        /** The model sees the tools, and what looks like a call is text. */
        NONE
    }

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ToolChoice {
        if (tool.isPresent() != (mode == Mode.NAMED)) {
            throw new IllegalArgumentException("A tool choice names a tool if its mode is NAMED, and only then.");
        }
    }

    /**
     * {@return the choice that the model must call this tool}
     *
     * @param tool the name of the tool
     */
    public static ToolChoice named(String tool) {
        return new ToolChoice(Mode.NAMED, Optional.of(tool));
    }

    /** {@return whether the answer must be a call} */
    public boolean demandsCall() {
        return mode == Mode.REQUIRED || mode == Mode.NAMED;
    }
}
