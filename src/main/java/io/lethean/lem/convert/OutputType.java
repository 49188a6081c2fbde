package io.lethean.lem.convert;

import io.lethean.lem.internal.gguf.GgmlType;
import java.util.Locale;
import java.util.Optional;

/** The types that are written straight from a checkpoint, with their number in {@code general.file_type}. */
enum OutputType {
    F32(GgmlType.F32, 0),
    F16(GgmlType.F16, 1),
    BF16(GgmlType.BF16, 32),
    Q8_0(GgmlType.Q8_0, 7);

    private final GgmlType type;
    private final int fileType;

    OutputType(GgmlType type, int fileType) {
        this.type = type;
        this.fileType = fileType;
    }

    /** The type of a name in any case. */
    static Optional<OutputType> named(String name) {
        for (OutputType each : values()) {
            if (each.name().equals(name.toUpperCase(Locale.ROOT))) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    GgmlType type() {
        return type;
    }

    int fileType() {
        return fileType;
    }
}
