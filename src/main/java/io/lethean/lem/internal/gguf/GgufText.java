package io.lethean.lem.internal.gguf;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A string value: bytes that should be UTF-8 but, in a file from anywhere, need not be. */
public final class GgufText implements GgufValue {

    private final byte[] utf8;

    GgufText(byte[] utf8) {
        this.utf8 = utf8;
    }

    /** The text's UTF-8 form. */
    public static GgufText of(String text) {
        return new GgufText(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A value of exactly these bytes, which are copied. */
    public static GgufText ofBytes(byte[] utf8) {
        return new GgufText(utf8.clone());
    }

    @Override
    public GgufType type() {
        return GgufType.STRING;
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return utf8.clone();
    }

    /** Number of bytes. */
    public int length() {
        return utf8.length;
    }

    byte[] shared() {
        return utf8;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GgufText text && Arrays.equals(utf8, text.utf8);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(utf8);
    }

    /** The text, with U+FFFD for invalid UTF-8. */
    @Override
    public String toString() {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
