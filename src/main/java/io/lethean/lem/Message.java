package io.lethean.lem;

import java.util.Objects;

/**
 * One turn of a conversation.
 *
 * @param role who speaks: {@code system}, {@code user}, {@code assistant}, or a role that the model's template knows
 * @param content what is said
 */
public record Message(String role, String content) {

    public Message {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
        if (role.isEmpty()) {
            throw new IllegalArgumentException("A message needs a role such as user, and this one is empty.");
        }
    }

    /** A turn that instructs the model. */
    public static Message system(String content) {
        return new Message("system", content);
    }

    /** A turn of the person who asks. */
    public static Message user(String content) {
        return new Message("user", content);
    }

    /** A turn of the model. */
    public static Message assistant(String content) {
        return new Message("assistant", content);
    }
}
