package io.lethean.lem.model;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Turns bytes that arrive in pieces into text, keeping back the beginning of a character until its end arrives.
 *
 * <p>The texts it returns, joined, equal {@code new String(allBytes, UTF_8)}: malformed bytes become U+FFFD in the same
 * places.
 */
final class Utf8Stream {

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] pending = {};

    /** Whether the bytes so far end at the end of a character. */
    boolean atBoundary() {
        return pending.length == 0;
    }

    /** The text that became certain by these bytes. */
    String append(byte[] bytes) {
        return decode(bytes, false);
    }

    /** What is left: one U+FFFD for a character that never ended, else nothing. */
    String finish() {
        String rest = decode(new byte[0], true);
        decoder.reset();
        return rest;
    }

    private String decode(byte[] bytes, boolean end) {
        ByteBuffer in = ByteBuffer.allocate(pending.length + bytes.length)
                .put(pending)
                .put(bytes)
                .flip();
        // One char per byte is enough: no UTF-8 sequence decodes to more chars than it has bytes.
        CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
        decoder.reset();
        decoder.decode(in, out, end);
        pending = new byte[in.remaining()];
        in.get(pending);
        return out.flip().toString();
    }
}
