package io.lethean.lem.internal.gguf;

import java.util.Set;

/** The tokens that a tokenizer puts around a text; llama.cpp aborts when it has to add one that does not exist. */
enum SpecialToken {
    BOS("bos"),
    EOS("eos"),
    SEP("seperator");

    /** Byte-pair pre-tokenizers that begin every text with BOS unless the file says otherwise. */
    private static final Set<String> BEGINNING = Set.of(
            "llama3",
            "llama-v3",
            "llama-bpe",
            "falcon3",
            "falcon-h1",
            "pixtral",
            "midm-2.0",
            "lfm2",
            "jina-v5-nano",
            "tekken",
            "chameleon");

    /** Byte-pair pre-tokenizers that begin every text with BOS whatever the file says. */
    private static final Set<String> ALWAYS_BEGINNING = Set.of("gemma4", "granite-embed-multi-311m");

    /** Byte-pair pre-tokenizers that have no BOS unless the file names it. */
    private static final Set<String> WITHOUT_BEGINNING = Set.of("glm4", "chatglm-bpe");

    private static final int NONE = -1;

    private final String name;

    SpecialToken(String name) {
        this.name = name;
    }

    /** The metadata key that names its id; the misspelling is the format's. */
    String key() {
        return "tokenizer.ggml." + name + "_token_id";
    }

    /** Its id as llama.cpp finds it: the file's if that is a token, else the tokenizer's default if that is one. */
    int id(VocabularyGuard tokenizer) {
        int size = tokenizer.size();
        int otherwise = defaultId(tokenizer);
        if (tokenizer.metadata().asMap().get(key()) instanceof GgufScalar scalar
                && scalar.type() == GgufType.UINT32
                && scalar.asLong() < size) {
            return (int) scalar.asLong();
        }
        return otherwise < size ? otherwise : NONE;
    }

    boolean isAddedBy(VocabularyGuard tokenizer) {
        return switch (tokenizer.kind()) {
            case WORD_PIECE -> this != EOS;
            case SENTENCE_PIECE -> isAdded(tokenizer, this == BOS);
            case UNIGRAM -> isAdded(tokenizer, this == EOS);
            case BYTE_PAIR ->
                this == BOS && ALWAYS_BEGINNING.contains(tokenizer.preTokenizer())
                        || isAdded(tokenizer, this == BOS && BEGINNING.contains(tokenizer.preTokenizer()));
            case GEMMA4 -> this == BOS || isAdded(tokenizer, false);
            case RWKV, PLAMO2, TEST, NONE, UNKNOWN -> false;
        };
    }

    private boolean isAdded(VocabularyGuard tokenizer, boolean otherwise) {
        if (this == SEP) {
            return false;
        }
        return tokenizer
                .metadata()
                .bool("tokenizer.ggml.add_" + name + "_token")
                .orElse(otherwise);
    }

    private int defaultId(VocabularyGuard tokenizer) {
        return switch (tokenizer.kind()) {
            case SENTENCE_PIECE, PLAMO2 -> this == BOS ? 1 : this == EOS ? 2 : NONE;
            case WORD_PIECE -> this == BOS ? 101 : this == SEP ? 102 : NONE;
            case BYTE_PAIR ->
                this == SEP || this == BOS && WITHOUT_BEGINNING.contains(tokenizer.preTokenizer()) ? NONE : 11;
            case UNIGRAM -> this == EOS ? 1 : NONE;
            case GEMMA4, RWKV, TEST, NONE, UNKNOWN -> NONE;
        };
    }
}
