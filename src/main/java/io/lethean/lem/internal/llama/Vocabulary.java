package io.lethean.lem.internal.llama;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.gguf.VocabularyGuard;
import io.lethean.lem.internal.llama.NativeText.ErrorBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a loaded model, and text to tokens and back.
 *
 * <p>Safe for use by several threads. The native vocabulary belongs to the model and is not touched after the model was
 * closed; the caller sees to that.
 */
public final class Vocabulary {

    private final MemorySegment handle;
    private final VocabularyGuard guard;
    private final String model;
    private final int size;
    private final AtomicReferenceArray<@Nullable Piece> pieces;
    private final int[] suppressed;

    /**
     * @param handle the model's {@code llama_vocab}
     * @param guard knows which texts llama.cpp must not be given
     * @param model the file, for messages
     */
    Vocabulary(MemorySegment handle, VocabularyGuard guard, String model) {
        this.handle = handle;
        this.guard = guard;
        this.model = model;
        this.size = LlamaCpp.llama_vocab_n_tokens(handle);
        this.pieces = new AtomicReferenceArray<>(size);
        this.suppressed = readSuppressed();
    }

    private int[] readSuppressed() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment tokens = LlamaCpp.llama_vocab_get_suppress_tokens(handle, count);
            long bytes = count.get(ValueLayout.JAVA_INT, 0) * (long) Integer.BYTES;
            return bytes == 0 ? new int[0] : tokens.reinterpret(bytes).toArray(ValueLayout.JAVA_INT);
        }
    }

    public MemorySegment handle() {
        return handle;
    }

    public int size() {
        return size;
    }

    /** Tokens that the model's file says must never be generated. */
    public int[] suppressed() {
        return suppressed;
    }

    public boolean addsBos() {
        return LlamaCpp.llama_vocab_get_add_bos(handle);
    }

    public boolean addsEos() {
        return LlamaCpp.llama_vocab_get_add_eos(handle);
    }

    /** Whether a separator belongs between two texts, and in some kinds of vocabulary after each. */
    public boolean addsSeparator() {
        return LlamaCpp.llama_vocab_get_add_sep(handle);
    }

    /** The token between two texts, or -1. */
    public int separator() {
        return LlamaCpp.llama_vocab_sep(handle);
    }

    /** The beginning-of-sequence token, or -1. */
    public int bos() {
        return LlamaCpp.llama_vocab_bos(handle);
    }

    /** The end-of-sequence token, or -1. */
    public int eos() {
        return LlamaCpp.llama_vocab_eos(handle);
    }

    /** The token that ends a turn, or -1. */
    public int eot() {
        return LlamaCpp.llama_vocab_eot(handle);
    }

    /** The text that stands for a token in the file, such as {@code <s>}; empty for -1. */
    public String symbol(int token) {
        return token < 0 || token >= size ? "" : NativeText.read(LlamaCpp.llama_vocab_get_text(handle, token));
    }

    /** What a token adds to the text. */
    public Piece piece(int token) {
        requireToken(token);
        Piece known = pieces.get(token);
        if (known != null) {
            return known;
        }
        Piece read = readPiece(token);
        pieces.set(token, read);
        return read;
    }

    private Piece readPiece(int token) {
        guard.require("");
        boolean unknown = (LlamaCpp.llama_vocab_get_attr(handle, token) & LlamaCpp.LLAMA_TOKEN_ATTR_UNKNOWN()) != 0;
        boolean special = unknown || LlamaCpp.llama_vocab_is_control(handle, token);
        byte[] bytes = special ? new byte[0] : pieceBytes(token);
        return Piece.of(bytes, special, LlamaCpp.llama_vocab_is_eog(handle, token));
    }

    private byte[] pieceBytes(int token) {
        try (Arena arena = Arena.ofConfined()) {
            ErrorBuffer error = new ErrorBuffer(arena);
            return fill(
                    arena,
                    64,
                    "lem_token_to_piece",
                    error,
                    (buffer, room) -> LlamaCpp.lem_token_to_piece(
                            handle, token, buffer, room, 0, false, error.address(), error.size()));
        }
    }

    /**
     * Turns text into tokens.
     *
     * @param addSpecial begin (and end) as the model says, with its beginning-of-sequence token
     * @param parseSpecial read the texts of control tokens as those tokens; else they are ordinary text
     */
    public int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) {
        guard.require(text);
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = NativeText.unterminated(arena, utf8);
            ErrorBuffer error = new ErrorBuffer(arena);
            int room = utf8.length + 8;
            MemorySegment tokens = arena.allocate(ValueLayout.JAVA_INT, room);
            int count = tokenize(in, utf8.length, tokens, room, addSpecial, parseSpecial, error);
            if (count < 0 && count > LlamaCpp.LEM_STATUS_EXCEPTION()) {
                room = -count;
                tokens = arena.allocate(ValueLayout.JAVA_INT, room);
                count = tokenize(in, utf8.length, tokens, room, addSpecial, parseSpecial, error);
            }
            check(count, "lem_tokenize", error);
            return tokens.asSlice(0, count * (long) Integer.BYTES).toArray(ValueLayout.JAVA_INT);
        }
    }

    private int tokenize(
            MemorySegment text,
            int length,
            MemorySegment tokens,
            int room,
            boolean addSpecial,
            boolean parseSpecial,
            ErrorBuffer error) {
        return LlamaCpp.lem_tokenize(
                handle, text, length, tokens, room, addSpecial, parseSpecial, error.address(), error.size());
    }

    /**
     * Turns the tokens of a text into the text: special tokens add nothing, the space that some tokenizers put before the
     * first word is removed, and bytes that are not UTF-8 become U+FFFD.
     */
    public String detokenize(int... tokens) {
        guard.require("");
        requireTokens(tokens);
        // llama.cpp removes the space from the very first token only, and a special one has no space.
        int[] spoken =
                Arrays.stream(tokens).dropWhile(token -> piece(token).special()).toArray();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(ValueLayout.JAVA_INT, Math.max(1, spoken.length));
            MemorySegment.copy(spoken, 0, in, ValueLayout.JAVA_INT, 0, spoken.length);
            ErrorBuffer error = new ErrorBuffer(arena);
            byte[] utf8 = fill(
                    arena,
                    16 + 8 * spoken.length,
                    "lem_detokenize",
                    error,
                    (buffer, room) -> LlamaCpp.lem_detokenize(
                            handle, in, spoken.length, buffer, room, false, false, error.address(), error.size()));
            return new String(utf8, StandardCharsets.UTF_8);
        }
    }

    /** A call that writes bytes into a buffer and returns their number, or minus the number it needs. */
    private interface Writer {
        int write(MemorySegment buffer, int room);
    }

    private byte[] fill(Arena arena, int guess, String function, ErrorBuffer error, Writer writer) {
        MemorySegment buffer = arena.allocate(guess);
        int written = writer.write(buffer, guess);
        if (written < 0 && written > LlamaCpp.LEM_STATUS_EXCEPTION()) {
            buffer = arena.allocate(-written);
            written = writer.write(buffer, -written);
        }
        check(written, function, error);
        return buffer.asSlice(0, written).toArray(ValueLayout.JAVA_BYTE);
    }

    private void check(int code, String function, ErrorBuffer error) {
        if (code < 0) {
            throw new NativeCallException(
                    String.format(
                                    Locale.ROOT,
                                    "The vocabulary of %s could not convert the text: %s."
                                            + " A vocabulary without byte tokens can only take",
                                    model,
                                    error.message())
                            + " text that its tokens spell.",
                    function,
                    code);
        }
    }

    /** Refuses tokens that the vocabulary does not have. */
    public void requireTokens(int... tokens) {
        for (int token : tokens) {
            requireToken(token);
        }
    }

    private void requireToken(int token) {
        if (token < 0 || token >= size) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "Token %d is outside the vocabulary of %s, which has tokens 0 to %d.",
                    token,
                    model,
                    size - 1));
        }
    }
}
