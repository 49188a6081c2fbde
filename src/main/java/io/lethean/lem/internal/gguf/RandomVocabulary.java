package io.lethean.lem.internal.gguf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The vocabulary of a {@link RandomModel}: complete for every text, then filled up with made-up syllables.
 *
 * <p>Ids 0, 1 and 2 are unknown, beginning and end of sequence; the turn markers of ChatML and Gemma are special tokens,
 * so that a chat template may use either.
 */
public final class RandomVocabulary {

    /** The kinds of tokenizer. */
    public enum Kind {
        /** SentencePiece with byte tokens, {@code tokenizer.ggml.model} {@code llama}. */
        SENTENCE_PIECE,
        /** Byte-level byte-pair encoding, {@code tokenizer.ggml.model} {@code gpt2}. */
        BYTE_PAIR
    }

    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int BYTE = 6;
    private static final String SPACE = "\u2581";
    private static final List<String> MARKERS =
            List.of("<|im_start|>", "<|im_end|>", "<start_of_turn>", "<end_of_turn>");
    private static final String CONSONANTS = "bdfgklmnprstvz";
    private static final String VOWELS = "aeiou";

    private final Kind kind;
    private final int size;
    private final Map<String, Integer> types = new LinkedHashMap<>();
    private final List<String> merges = new ArrayList<>();

    private RandomVocabulary(Kind kind, int size) {
        this.kind = kind;
        this.size = size;
    }

    /**
     * A vocabulary of exactly this many tokens.
     *
     * @throws IllegalArgumentException if that is too few to spell every text
     */
    public static RandomVocabulary of(Kind kind, int size) {
        RandomVocabulary vocabulary = new RandomVocabulary(kind, size);
        vocabulary.types.put("<unk>", UNKNOWN);
        vocabulary.types.put("<s>", CONTROL);
        vocabulary.types.put("</s>", CONTROL);
        MARKERS.forEach(marker -> vocabulary.types.put(marker, CONTROL));
        switch (kind) {
            case SENTENCE_PIECE -> vocabulary.addSentencePieces();
            case BYTE_PAIR -> vocabulary.addBytePairs();
        }
        if (vocabulary.types.size() != size) {
            throw new IllegalArgumentException("A vocabulary of " + size
                    + " tokens is too small; this kind starts with " + vocabulary.types.size() + ".");
        }
        return vocabulary;
    }

    /** Adds the tokenizer's metadata. */
    public void putInto(GgufWriter writer) {
        List<String> tokens = List.copyOf(types.keySet());
        long[] kinds = types.values().stream().mapToLong(Integer::longValue).toArray();
        boolean sentencePiece = kind == Kind.SENTENCE_PIECE;
        writer.put("tokenizer.ggml.model", sentencePiece ? "llama" : "gpt2")
                .put("tokenizer.ggml.pre", sentencePiece ? "default" : "qwen2")
                .put("tokenizer.ggml.tokens", GgufArray.ofStrings(tokens))
                .put("tokenizer.ggml.token_type", GgufArray.ofIntegers(GgufType.INT32, kinds))
                .put("tokenizer.ggml.bos_token_id", GgufValue.uint32(1))
                .put("tokenizer.ggml.eos_token_id", GgufValue.uint32(2))
                .put("tokenizer.ggml.unknown_token_id", GgufValue.uint32(0))
                .put("tokenizer.ggml.add_bos_token", GgufValue.of(sentencePiece))
                .put("tokenizer.ggml.add_eos_token", GgufValue.of(false));
        if (sentencePiece) {
            writer.put("tokenizer.ggml.scores", GgufArray.ofFloats(scores()));
        } else {
            writer.put("tokenizer.ggml.merges", GgufArray.ofStrings(merges));
        }
    }

    /** Longer pieces come later and score higher, so that they win over what they consist of. */
    private float[] scores() {
        float[] scores = new float[size];
        int id = 0;
        for (Map.Entry<String, Integer> token : types.entrySet()) {
            scores[id] = token.getValue() == NORMAL ? id - size : 0;
            id++;
        }
        return scores;
    }

    private void addSentencePieces() {
        for (int value = 0; value < 256; value++) {
            types.put(String.format(Locale.ROOT, "<0x%02X>", value), BYTE);
        }
        types.put(SPACE, NORMAL);
        for (char letter = '!'; letter <= '~'; letter++) {
            types.put(String.valueOf(letter), NORMAL);
        }
        for (int i = 0; types.size() < size; i++) {
            types.putIfAbsent((i % 2 == 0 ? SPACE : "") + syllables(i / 2), NORMAL);
        }
    }

    private void addBytePairs() {
        for (int value = 0; value < 256; value++) {
            types.put(byteLevel(value), NORMAL);
        }
        for (int i = 0; types.size() < size; i++) {
            addMerged(syllables(i));
        }
    }

    /** Every prefix of a merged token is a token too, so that one merge per token suffices. */
    private void addMerged(String token) {
        for (int length = 2; length <= token.length() && types.size() < size; length++) {
            if (types.putIfAbsent(token.substring(0, length), NORMAL) == null) {
                merges.add(token.substring(0, length - 1) + " " + token.charAt(length - 1));
            }
        }
    }

    /** The number written with consonant-vowel pairs as digits. */
    private static String syllables(int number) {
        StringBuilder text = new StringBuilder();
        int rest = number;
        do {
            text.append(CONSONANTS.charAt(rest / VOWELS.length() % CONSONANTS.length()));
            text.append(VOWELS.charAt(rest % VOWELS.length()));
            rest = rest / (VOWELS.length() * CONSONANTS.length()) - 1;
        } while (rest >= 0);
        return text.toString();
    }

    /** The visible character that byte-level vocabularies use for a byte. */
    public static String byteLevel(int value) {
        boolean visible = value >= '!' && value <= '~' || value >= 0xA1 && value != 0xAD;
        if (visible) {
            return Character.toString(value);
        }
        int rank = value <= ' ' ? value : value <= 0xA0 ? value - 0x7F + 33 : 67;
        return Character.toString(256 + rank);
    }
}
