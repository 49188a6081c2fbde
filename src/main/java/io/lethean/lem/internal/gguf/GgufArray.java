package io.lethean.lem.internal.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * An array value, kept in the bytes of the file so that a vocabulary of any size stays small and quick to read.
 *
 * <p>Arrays of arrays do not occur: llama.cpp refuses them, and so does {@link GgufFile}.
 */
public final class GgufArray implements GgufValue {

    private final GgufType elementType;
    private final int size;
    private final ByteBuffer data;
    private final int[] starts;

    /**
     * @param data the elements as in a file: little-endian, strings with their 64-bit length before them
     * @param starts of a string array, where each element's bytes start, and the length of data plus 8 at the end
     */
    GgufArray(GgufType elementType, int size, byte[] data, int[] starts) {
        this.elementType = elementType;
        this.size = size;
        this.data = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        this.starts = starts;
    }

    /** An array of strings. */
    public static GgufArray ofStrings(List<String> texts) {
        return ofByteStrings(texts.stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList());
    }

    /** An array of strings of any bytes. */
    public static GgufArray ofByteStrings(List<byte[]> strings) {
        var out = new ByteArrayOutputStream();
        int[] starts = new int[strings.size() + 1];
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < strings.size(); i++) {
            byte[] string = strings.get(i);
            out.writeBytes(length.putLong(0, string.length).array());
            starts[i] = out.size();
            out.writeBytes(string);
        }
        starts[strings.size()] = out.size() + Long.BYTES;
        return new GgufArray(GgufType.STRING, strings.size(), out.toByteArray(), starts);
    }

    /** An array of FLOAT32. */
    public static GgufArray ofFloats(float... values) {
        ByteBuffer data = littleEndian(Math.multiplyExact(values.length, Float.BYTES));
        data.asFloatBuffer().put(values);
        return new GgufArray(GgufType.FLOAT32, values.length, data.array(), new int[0]);
    }

    /** An array of FLOAT64. */
    public static GgufArray ofDoubles(double... values) {
        ByteBuffer data = littleEndian(Math.multiplyExact(values.length, Double.BYTES));
        data.asDoubleBuffer().put(values);
        return new GgufArray(GgufType.FLOAT64, values.length, data.array(), new int[0]);
    }

    /**
     * An array of integers, or of truth values as 0 and 1.
     *
     * @throws IllegalArgumentException if the type is neither an integer type nor BOOL, or cannot hold one of the
     *     values
     */
    public static GgufArray ofIntegers(GgufType elementType, long... values) {
        ByteBuffer data = littleEndian(Math.multiplyExact(values.length, elementType.bytes()));
        for (long value : values) {
            long bits = elementType == GgufType.BOOL
                    ? GgufValue.of(value != 0).bits()
                    : GgufValue.integer(elementType, value).bits();
            put(data, elementType, bits);
        }
        return new GgufArray(elementType, values.length, data.array(), new int[0]);
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static void put(ByteBuffer target, GgufType type, long bits) {
        switch (type.bytes()) {
            case 1 -> target.put((byte) bits);
            case 2 -> target.putShort((short) bits);
            case 4 -> target.putInt((int) bits);
            default -> target.putLong(bits);
        }
    }

    @Override
    public GgufType type() {
        return GgufType.ARRAY;
    }

    /** The type of every element. */
    public GgufType elementType() {
        return elementType;
    }

    /** Number of elements. */
    public int size() {
        return size;
    }

    /** The element as a value of its own. */
    public GgufValue get(int index) {
        return elementType == GgufType.STRING ? new GgufText(bytesAt(index)) : scalarAt(index);
    }

    /** The string at this index as a text; invalid UTF-8 becomes U+FFFD. */
    public String textAt(int index) {
        int start = start(index);
        return new String(data.array(), start, lengthAt(index), StandardCharsets.UTF_8);
    }

    /** The bytes of the string at this index. */
    public byte[] bytesAt(int index) {
        int start = start(index);
        return Arrays.copyOfRange(data.array(), start, start + lengthAt(index));
    }

    /** The number of bytes of the string at this index. */
    public int lengthAt(int index) {
        return starts[index + 1] - Long.BYTES - start(index);
    }

    /** The element as {@link GgufScalar#asLong()} gives it. */
    public long longAt(int index) {
        return scalarAt(index).asLong();
    }

    /** The element as {@link GgufScalar#asDouble()} gives it. */
    public double doubleAt(int index) {
        return scalarAt(index).asDouble();
    }

    private int start(int index) {
        if (elementType != GgufType.STRING) {
            throw new IllegalStateException("This array holds " + elementType.shortName() + ", not strings.");
        }
        return starts[index];
    }

    private GgufScalar scalarAt(int index) {
        int at = Math.multiplyExact(index, elementType.bytes());
        long bits = switch (elementType.bytes()) {
            case 1 -> data.get(at);
            case 2 -> data.getShort(at);
            case 4 -> data.getInt(at);
            case 8 -> data.getLong(at);
            default -> throw new IllegalStateException("This array holds strings, not numbers.");
        };
        return new GgufScalar(elementType, bits);
    }

    /** The elements as they are in the file; shared, must not be changed. */
    byte[] encoded() {
        return data.array();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GgufArray array
                && elementType == array.elementType
                && size == array.size
                && Arrays.equals(encoded(), array.encoded());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded());
    }

    /** The type and size only: elements may be hundreds of thousands. */
    @Override
    public String toString() {
        return elementType.shortName() + "[" + size + "]";
    }
}
