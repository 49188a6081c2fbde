package io.lethean.lem.internal.gguf;

/** A metadata value. */
public sealed interface GgufValue permits GgufScalar, GgufText, GgufArray {

    /** Its type in the file. */
    GgufType type();

    /** A text value. */
    static GgufText of(String text) {
        return GgufText.of(text);
    }

    /** A BOOL. */
    static GgufScalar of(boolean value) {
        return new GgufScalar(GgufType.BOOL, value ? 1 : 0);
    }

    /** A FLOAT32. */
    static GgufScalar of(float value) {
        return new GgufScalar(GgufType.FLOAT32, Float.floatToRawIntBits(value));
    }

    /** A FLOAT64. */
    static GgufScalar of(double value) {
        return new GgufScalar(GgufType.FLOAT64, Double.doubleToRawLongBits(value));
    }

    /** A UINT32, which is what the format's counts and ids are. */
    static GgufScalar uint32(long value) {
        return integer(GgufType.UINT32, value);
    }

    /**
     * An integer of any width.
     *
     * @throws IllegalArgumentException if the type is not an integer type or cannot hold the value
     */
    static GgufScalar integer(GgufType type, long value) {
        GgufScalar scalar = new GgufScalar(type, GgufScalar.truncated(type, value));
        if (!scalar.isInteger() || scalar.asLong() != value) {
            throw new IllegalArgumentException("The metadata type " + type.shortName() + " cannot hold " + value + ".");
        }
        return scalar;
    }
}
