package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.InvalidModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;

/** Reads the fields of one protobuf message; every length is checked against what is left. */
final class ProtobufReader {

    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private static final int MAX_VARINT_BITS = 64;

    private final ByteBuffer data;
    private final Function<String, InvalidModelException> refusal;
    private int field;
    private int wireType;

    ProtobufReader(ByteBuffer data, Function<String, InvalidModelException> refusal) {
        this.data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
        this.refusal = refusal;
    }

    /** Moves to the next field; false at the end. */
    boolean next() {
        if (!data.hasRemaining()) {
            return false;
        }
        long tag = varint();
        wireType = (int) (tag & 7);
        if (tag >>> 3 == 0 || tag >>> 3 >= 1 << 29) {
            throw refusal.apply("has a field with the number " + (tag >>> 3) + " at byte " + data.position());
        }
        field = (int) (tag >>> 3);
        return true;
    }

    int field() {
        return field;
    }

    boolean is(int number, int type) {
        return field == number && wireType == type;
    }

    long varint() {
        long value = 0;
        for (int shift = 0; shift < MAX_VARINT_BITS; shift += 7) {
            require(1);
            byte next = data.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw refusal.apply("has a number of more than 64 bits at byte " + data.position());
    }

    float float32() {
        require(Float.BYTES);
        return data.getFloat();
    }

    /** The content of a field of bytes, text or a message. */
    ByteBuffer bytes() {
        long length = varint();
        if (length < 0 || length > data.remaining()) {
            throw refusal.apply("ends in the middle: a field of " + Long.toUnsignedString(length)
                    + " bytes begins at byte " + data.position() + ", and " + data.remaining() + " are left");
        }
        ByteBuffer content = data.slice(data.position(), (int) length);
        data.position(data.position() + (int) length);
        return content;
    }

    /** Passes over the value of the current field. */
    void skip() {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED64 -> advance(Long.BYTES);
            case BYTES -> bytes();
            case FIXED32 -> advance(Integer.BYTES);
            default ->
                throw refusal.apply("has a field of the unknown wire type " + wireType + " at byte " + data.position());
        }
    }

    private void advance(int count) {
        require(count);
        data.position(data.position() + count);
    }

    private void require(int count) {
        if (data.remaining() < count) {
            throw refusal.apply("ends in the middle, at byte " + data.position());
        }
    }
}
