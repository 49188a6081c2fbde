package io.lethean.lem.internal.tokenizer;

/** The kind of a token, numbered as in a GGUF file. */
enum TokenType {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE;

    /** The number in a GGUF file, which counts from 1. */
    int id() {
        return ordinal() + 1;
    }
}
