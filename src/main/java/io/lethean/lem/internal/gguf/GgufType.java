package io.lethean.lem.internal.gguf;

import java.util.Optional;

/** The type of a metadata value, numbered as in {@code gguf.h}. */
public enum GgufType {
    UINT8("u8", 1),
    INT8("i8", 1),
    UINT16("u16", 2),
    INT16("i16", 2),
    UINT32("u32", 4),
    INT32("i32", 4),
    FLOAT32("f32", 4),
    BOOL("bool", 1),
    STRING("str", 0),
    ARRAY("arr", 0),
    UINT64("u64", 8),
    INT64("i64", 8),
    FLOAT64("f64", 8);

    private static final GgufType[] BY_ID = values();

    private final String shortName;
    private final int bytes;

    GgufType(String shortName, int bytes) {
        this.shortName = shortName;
        this.bytes = bytes;
    }

    /** The type with this number; empty if the format does not have it. */
    public static Optional<GgufType> byId(int id) {
        return id >= 0 && id < BY_ID.length ? Optional.of(BY_ID[id]) : Optional.empty();
    }

    /** The number in a file. */
    public int id() {
        return ordinal();
    }

    /** The short name, such as {@code u32}. */
    public String shortName() {
        return shortName;
    }

    /** Bytes of one value; 0 for strings and arrays, which have no fixed size. */
    public int bytes() {
        return bytes;
    }
}
