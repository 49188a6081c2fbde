package io.lethean.lem.internal.tokenizer;

/** Which of a folder's tokenizer files count for a model, and what the converter adds to them. */
public enum TokenizerFamily {
    /** Llama and Mistral: SentencePiece, else byte pairs with byte fallback, else byte-level byte pairs. */
    LLAMA,
    /** Qwen 2, 2.5 and 3: SentencePiece, else byte-level byte pairs. */
    QWEN,
    /** Gemma 2: SentencePiece without a space before the first word. */
    GEMMA2,
    /** Gemma 3: as Gemma 2, else byte pairs. */
    GEMMA3,
    /** Gemma 4: byte pairs with byte fallback. */
    GEMMA4,
    /** GPT-OSS and all others: byte-level byte pairs. */
    BYTE_PAIR,
    /** BERT: word pieces. */
    BERT
}
