package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.internal.gguf.RandomVocabulary;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The visible characters that byte-level vocabularies use for bytes. */
final class ByteLetters {

    private static final int LETTERS = 256 + 68;
    private static final char[] OF_BYTE = new char[256];
    private static final int[] VALUES = new int[LETTERS];

    static {
        Arrays.fill(VALUES, -1);
        for (int value = 0; value < OF_BYTE.length; value++) {
            OF_BYTE[value] = RandomVocabulary.byteLevel(value).charAt(0);
            VALUES[OF_BYTE[value]] = value;
        }
    }

    private ByteLetters() {}

    /** The byte that a character stands for; -1 for other characters. */
    static int value(char letter) {
        return letter < LETTERS ? VALUES[letter] : -1;
    }

    /** The text with one character for each of its bytes in UTF-8. */
    static String of(String text) {
        StringBuilder letters = new StringBuilder();
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            letters.append(OF_BYTE[value & 0xFF]);
        }
        return letters.toString();
    }
}
