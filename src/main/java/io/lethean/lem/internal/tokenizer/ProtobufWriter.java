package io.lethean.lem.internal.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes a protobuf message, field by field. */
final class ProtobufWriter {

    private static final int VARINT = 0;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ProtobufWriter number(int field, long value) {
        return key(field, VARINT).varint(value);
    }

    ProtobufWriter flag(int field, boolean value) {
        return number(field, value ? 1 : 0);
    }

    ProtobufWriter text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtobufWriter message(int field, ProtobufWriter message) {
        return bytes(field, message.toBytes());
    }

    ProtobufWriter real(int field, float value) {
        key(field, FIXED32);
        int bits = Float.floatToRawIntBits(value);
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            out.write(bits >>> shift);
        }
        return this;
    }

    private ProtobufWriter bytes(int field, byte[] value) {
        key(field, BYTES).varint(value.length);
        out.writeBytes(value);
        return this;
    }

    private ProtobufWriter key(int field, int kind) {
        return varint((long) field << 3 | kind);
    }

    private ProtobufWriter varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
