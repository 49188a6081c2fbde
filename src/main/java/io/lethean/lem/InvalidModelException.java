package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** A model or adapter file that was refused, by a rule of ours or by llama.cpp. */
public final class InvalidModelException extends LemException {

    private static final long serialVersionUID = 1L;

    private final String rule;

    /**
     * @param rule the name of the rule that refused the file, such as {@code tokens-unique}; {@code llama.cpp} when
     *     the file passed our rules and llama.cpp refused it
     */
    public InvalidModelException(String rule, String message) {
        this(rule, message, null);
    }

    public InvalidModelException(String rule, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.rule = rule;
    }

    /** The name of the rule that refused the file. */
    public String rule() {
        return rule;
    }
}
