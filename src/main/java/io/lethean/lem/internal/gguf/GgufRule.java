package io.lethean.lem.internal.gguf;

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
    TENSOR_DIMS("tensors have 1 to 4 dimensions, each at least 1, with a product below 2^63"),
    TENSOR_TYPE("tensor types are known, still supported, and rows consist of whole blocks"),
    TENSOR_OFFSET("tensor data follow one another in order, each padded to the alignment"),
    TENSOR_DATA("the data of every tensor lie within the file"),
    SPLIT("the parts of a split model are all there, in order, and complete"),
    TENSOR_ALIGNMENT("the data of every tensor start at a multiple of 32 bytes in the file"),
    TENSOR_USE("every tensor has a type that llama.cpp can compute with where the tensor is used"),
    LAYERS("block_count is between 1 and 512 and not below the counts of special layers"),
    EXPERTS("the counts of experts, used experts and expert groups fit each other"),
    NORM_EPSILON("epsilons of norms are finite and not negative"),
    ROPE_SCALING("rope.scaling.type is none, linear, yarn or longrope"),
    ROPE_DIMENSIONS("the number of rotated dimensions is even and at least 2"),
    DIVISORS("numbers that llama.cpp divides by are not 0"),
    SLIDING_WINDOW("architectures that are built around a sliding window have one"),
    COMPANION_TENSORS("tensors that llama.cpp requires together with others are present"),
    VOCABULARY_SIZE("the vocabulary and its merges stay below the limits"),
    TOKENS("there are tokens, with texts that differ from each other"),
    TOKEN_TYPES("a WordPiece vocabulary has no byte tokens"),
    SPECIAL_TOKENS("the tokens that the tokenizer adds to every text exist"),
    NEWLINE("the tokenizer comes to an end on a line break"),
    ADAPTER_KEYS("general.type is adapter, adapter.type is lora, and alpha is a finite FLOAT32"),
    ADAPTER_BASE("the adapter was made for this model's architecture and tensors"),
    ADAPTER_TENSORS("the adapter's tensors are complete pairs of fitting shape and a type for matrices");

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
