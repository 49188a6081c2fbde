package io.lethean.lem.gguf;

import io.lethean.lem.InvalidModelException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The named rules by which a file is refused before llama.cpp sees it.
 *
 * <p>A rule exists because the format demands it, or because llama.cpp's pinned release ends the process on a file that
 * breaks it. What llama.cpp itself answers with an error is left to llama.cpp.
 */
public enum GgufRule {
    MAGIC("the file starts with GGUF"),
    VERSION("the format version is 2 or 3, little-endian"),
    COUNTS("the numbers of metadata values and tensors fit the file and the limits"),
    HEADER("the header lies within the file and is at most 128 MiB long"),
    KEY("metadata keys are UTF-8, not empty, and unique"),
    VALUE_TYPE("metadata values and array elements are of a known type; arrays are not nested"),
    LENGTH("strings and arrays lie within the file"),
    ALIGNMENT("general.alignment is a UINT32 and a power of two"),
    TENSOR_NAME("tensor names are UTF-8 of 1 to 63 bytes without NUL, and unique"),
    TENSOR_DIMS("tensors have 1 to 4 dimensions, each at least 1, whose product stays below 2^63"),
    TENSOR_TYPE("tensor types are known, still supported, and rows consist of whole blocks"),
    TENSOR_OFFSET("tensor data follow one another in order, each padded to the alignment"),
    TENSOR_DATA("the data of every tensor lie within the file"),
    SPLIT("the parts of a split model are all there, in order, and complete");

    private final String demand;

    GgufRule(String demand) {
        this.demand = demand;
    }

    /** The name that an exception carries, such as {@code tensor-dims}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What a file has to fulfil. */
    public String demand() {
        return demand;
    }

    InvalidModelException refuse(Path file, String found) {
        return new InvalidModelException(
                id(), "The file " + file + " is refused by the rule " + id() + " (" + demand + "): " + found + ".");
    }
}
