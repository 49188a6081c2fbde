package io.lethean.lem.internal.gguf;

import io.lethean.lem.InvalidModelException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a file's metadata say about its vocabulary, and which texts llama.cpp must not be given with it.
 *
 * <p>{@link #require(String)} is asked before llama.cpp tokenizes.
 */
public final class VocabularyGuard {

    /** The algorithms that {@code tokenizer.ggml.model} names. */
    public enum Kind {
        SENTENCE_PIECE,
        BYTE_PAIR,
        /** Byte pairs of Gemma 4, with SentencePiece's spaces. */
        GEMMA4,
        WORD_PIECE,
        UNIGRAM,
        RWKV,
        PLAMO2,
        /** A dummy of llama.cpp's own tests. */
        TEST,
        /** The file declares that it has no tokenizer. */
        NONE,
        /** A name that llama.cpp refuses, or no name. */
        UNKNOWN;

        static Kind of(String model) {
            return switch (model) {
                case "llama" -> SENTENCE_PIECE;
                case "gpt2", "hybriddna", "whitespace" -> BYTE_PAIR;
                case "gemma4" -> GEMMA4;
                case "bert" -> WORD_PIECE;
                case "t5" -> UNIGRAM;
                case "rwkv" -> RWKV;
                case "plamo2" -> PLAMO2;
                case "test" -> TEST;
                case "none", "no_vocab" -> NONE;
                default -> UNKNOWN;
            };
        }

        boolean buildsTrees() {
            return this == UNIGRAM || this == RWKV || this == PLAMO2;
        }
    }

    private final GgufMetadata metadata;
    private final Kind kind;
    private final @Nullable GgufArray tokens;
    private final BitSet endlessBytes;
    private final boolean keepsSpaces;

    private VocabularyGuard(GgufMetadata metadata, Kind kind, @Nullable GgufArray tokens) {
        this.metadata = metadata;
        this.kind = kind;
        this.tokens = tokens;
        this.endlessBytes = kind == Kind.RWKV && tokens != null ? endlessBytes(tokens) : new BitSet();
        // The tokenizer of that name drops whitespace first; the others of this kind write spaces in another way.
        this.keepsSpaces = kind == Kind.BYTE_PAIR
                && preTokenizer().equals("whitespace")
                && !metadata.text("tokenizer.ggml.model").equals(Optional.of("whitespace"));
    }

    /** The tokenizer that these metadata describe. */
    public static VocabularyGuard of(GgufMetadata metadata) {
        GgufArray tokens = metadata.array("tokenizer.ggml.tokens")
                .filter(array -> array.elementType() == GgufType.STRING)
                .orElse(null);
        Kind kind = metadata.text("tokenizer.ggml.model").map(Kind::of).orElse(Kind.UNKNOWN);
        return new VocabularyGuard(metadata, kind, tokens);
    }

    /** The algorithm. */
    public Kind kind() {
        return kind;
    }

    /** Whether texts can be tokenized at all; a model without a tokenizer can be loaded and given tokens only. */
    public boolean tokenizes() {
        return kind != Kind.NONE;
    }

    /**
     * Refuses a text on which llama.cpp's tokenizer would abort or never end.
     *
     * @throws InvalidModelException if this model cannot be asked to tokenize the text
     */
    public void require(String text) {
        if (!tokenizes()) {
            throw new InvalidModelException(
                    "no-tokenizer",
                    "The text cannot be tokenized: the model's file says that it has no tokenizer"
                            + " (tokenizer.ggml.model); use it with tokens, or use another model.");
        }
        if (keepsSpaces && hasSpaceNextToWhitespace(text)) {
            throw new InvalidModelException(
                    "space-tokenizer",
                    "The text cannot be tokenized: it has a space next to other whitespace, which llama.cpp takes with the"
                            + " pre-tokenizer whitespace (tokenizer.ggml.pre) only if tokenizer.ggml.model is whitespace"
                            + " too; convert the model again.");
        }
        requireEnd(text);
    }

    private void requireEnd(String text) {
        if (endlessBytes.isEmpty()) {
            return;
        }
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            if (endlessBytes.get(value & 0xFF)) {
                throw new InvalidModelException(
                        "endless-tokenizer",
                        "The text cannot be tokenized: the model's vocabulary has tokens that start with the byte "
                                + (value & 0xFF) + " but none that consists of it alone, on which llama.cpp's RWKV"
                                + " tokenizer never ends; convert the model again with all byte tokens.");
            }
        }
    }

    private static boolean hasSpaceNextToWhitespace(String text) {
        for (int i = 1; i < text.length(); i++) {
            char left = text.charAt(i - 1);
            char right = text.charAt(i);
            if ((left == ' ' || right == ' ') && isWhitespace(left) && isWhitespace(right)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isWhitespace(char character) {
        return Character.isWhitespace(character) || Character.isSpaceChar(character) || character == '\u0085';
    }

    /** Bytes at which the RWKV tokenizer may match nothing, start over, and fill the memory. */
    BitSet endlessBytes() {
        return endlessBytes;
    }

    @Nullable
    GgufArray tokens() {
        return tokens;
    }

    int size() {
        return tokens == null ? 0 : tokens.size();
    }

    GgufMetadata metadata() {
        return metadata;
    }

    String preTokenizer() {
        return metadata.text("tokenizer.ggml.pre").orElse("");
    }

    /** A token's bytes as Latin-1, up to the first NUL, as llama.cpp reads them. */
    static String text(GgufArray tokens, int id) {
        String text = new String(tokens.bytesAt(id), StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    private static BitSet endlessBytes(GgufArray tokens) {
        BitSet first = new BitSet();
        BitSet alone = new BitSet();
        for (int id = 0; id < tokens.size(); id++) {
            String bytes = RwkvEscapes.decode(text(tokens, id));
            if (!bytes.isEmpty()) {
                (bytes.length() == 1 ? alone : first).set(bytes.charAt(0));
            }
        }
        first.andNot(alone);
        return first;
    }
}
