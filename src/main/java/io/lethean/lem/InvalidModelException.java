package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** A model or adapter file that was refused, by a rule of ours or by llama.cpp. */
public final class InvalidModelException extends LemException {

    private static final long serialVersionUID = 1L;

    /** The name of the rule that refused the file. */
    private final String rule;

    /**
     * Says why a file is refused.
     *
     * @param rule the name of the rule that refused the file, such as {@code tokens-unique}; {@code llama.cpp} when
     *     the file passed our rules and llama.cpp refused it
     * @param message what was tried, what was expected and found, and what to do next
     */
    public InvalidModelException(String rule, String message) {
        this(rule, message, null);
    }

    /**
     * Says why a file is refused.
     *
     * @param rule the name of the rule that refused the file
     * @param message what was tried, what was expected and found, and what to do next
     * @param cause what led to it; null if nothing did
     */
    public InvalidModelException(String rule, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.rule = rule;
    }

    /** {@return the name of the rule that refused the file} */
    public String rule() {
        return rule;
    }
}
