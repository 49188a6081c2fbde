package io.lethean.lem.hub;

import java.util.Optional;
import java.util.regex.Pattern;

/** The secret by which the hub knows its user. Its value is only in the header of requests to the hub itself. */
final class HubToken {

    private static final Pattern HEADER_TEXT = Pattern.compile("[\\x21-\\x7E]+");

    private final String value;
    private final String source;

    private HubToken(String value, String source) {
        this.value = value;
        this.source = source;
    }

    /**
     * A token without whitespace around it; empty if there is nothing else.
     *
     * @param source names the variable or the file in messages
     * @throws IllegalArgumentException if no HTTP header can carry it; the message does not quote it
     */
    static Optional<HubToken> of(String text, String source) {
        String value = text.strip();
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (!HEADER_TEXT.matcher(value).matches()) {
            throw new IllegalArgumentException("The token in " + source + " contains a space, a line break or a"
                    + " character outside ASCII; it should contain the token alone.");
        }
        return Optional.of(new HubToken(value, source));
    }

    String header() {
        return "Bearer " + value;
    }

    /** Where the token comes from. */
    String source() {
        return source;
    }

    /** A text without the token, should a server quote it. */
    String hide(String text) {
        return text.replace(value, "[token]");
    }

    @Override
    public String toString() {
        return "token in " + source;
    }
}
