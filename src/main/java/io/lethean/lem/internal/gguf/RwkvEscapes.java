package io.lethean.lem.internal.gguf;

/** The escapes in which RWKV vocabularies write bytes: {@code \t \n \r \xHH}, and any other character for itself. */
final class RwkvEscapes {

    private RwkvEscapes() {}

    /** Decodes Latin-1 characters to bytes as Latin-1 characters; an escape that is cut off yields nothing. */
    static String decode(String escaped) {
        StringBuilder bytes = new StringBuilder();
        for (int at = 0; at < escaped.length(); at++) {
            char character = escaped.charAt(at);
            if (character != '\\') {
                bytes.append(character);
            } else if (++at < escaped.length() && escaped.charAt(at) == 'x') {
                if (at + 2 < escaped.length()) {
                    bytes.append((char) ((hex(escaped.charAt(at + 1)) << 4) + hex(escaped.charAt(at + 2)) & 0xFF));
                }
                at += 2;
            } else if (at < escaped.length()) {
                bytes.append(control(escaped.charAt(at)));
            }
        }
        return bytes.toString();
    }

    private static char control(char letter) {
        return switch (letter) {
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'r' -> '\r';
            default -> letter;
        };
    }

    /** As llama.cpp computes it, which does not check that the character is a hexadecimal digit. */
    private static int hex(char digit) {
        byte signed = (byte) digit;
        return signed >= 'a' ? signed - 'a' + 10 : signed - '0';
    }
}
