package io.lethean.lem.internal.jinja;

import io.lethean.lem.ChatTemplateException;
import java.util.Objects;

/** What goes wrong inside the engine, before it becomes a sentence for the caller. */
final class TemplateError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The cause, which decides the message and whether another form of the conversation is tried. */
    enum Kind {
        /** The source is not a template. */
        SYNTAX,
        /** The template called {@code raise_exception}. */
        REFUSED,
        /** An operation that has no result. */
        FAILED,
        /** A bound of {@link Limits}. */
        LIMIT
    }

    private final Kind kind;
    private final int line;

    private TemplateError(Kind kind, int line, String message) {
        super(message, null, false, false);
        this.kind = kind;
        this.line = line;
    }

    static TemplateError syntax(int line, String message) {
        return new TemplateError(Kind.SYNTAX, line, message);
    }

    static TemplateError refused(String message) {
        return new TemplateError(Kind.REFUSED, 0, message);
    }

    static TemplateError failed(String message) {
        return new TemplateError(Kind.FAILED, 0, message);
    }

    static TemplateError limit(int line, String message) {
        return new TemplateError(Kind.LIMIT, line, message);
    }

    Kind kind() {
        return kind;
    }

    /** This error with a line number, if it did not have one. */
    TemplateError at(int otherLine) {
        return line > 0 ? this : new TemplateError(kind, otherLine, Objects.requireNonNull(getMessage()));
    }

    ChatTemplateException toPublic() {
        String where = line > 0 ? "line " + line : "an unknown line";
        return new ChatTemplateException(
                switch (kind) {
                    case SYNTAX -> "The chat template cannot be read: " + where + ", " + getMessage() + ".";
                    case REFUSED -> "The chat template refuses this conversation (" + where + "): " + getMessage();
                    case FAILED -> "The chat template fails at " + where + ": " + getMessage() + ".";
                    case LIMIT -> "The chat template was stopped at " + where + ": " + getMessage() + ".";
                });
    }
}
