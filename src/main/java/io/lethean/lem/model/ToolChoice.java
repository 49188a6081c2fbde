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
        AUTO,
        REQUIRED,
        NAMED,
        NONE
    }

    public ToolChoice {
        if (tool.isPresent() != (mode == Mode.NAMED)) {
            throw new IllegalArgumentException("A tool choice names a tool if its mode is NAMED, and only then.");
        }
    }

    /** The model must call this tool. */
    public static ToolChoice named(String tool) {
        return new ToolChoice(Mode.NAMED, Optional.of(tool));
    }

    /** Whether the answer must be a call. */
    public boolean demandsCall() {
        return mode == Mode.REQUIRED || mode == Mode.NAMED;
    }
}
