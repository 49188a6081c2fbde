package io.lethean.lem.model;

import java.util.Arrays;

/** The tokens of a prompt and of what was generated after it. */
final class TokenHistory {

    private final int promptLength;
    private int[] tokens;
    private int length;

    TokenHistory(int[] prompt) {
        promptLength = prompt.length;
        length = prompt.length;
        tokens = Arrays.copyOf(prompt, prompt.length + 64);
    }

    void add(int token) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * length);
        }
        tokens[length++] = token;
    }

    /** The last tokens, at most {@code count}. */
    int[] last(int count) {
        return Arrays.copyOfRange(tokens, Math.max(0, length - count), length);
    }

    /** Tokens in total. */
    int length() {
        return length;
    }

    /** A token, counted from 0, prompt included. */
    int token(int index) {
        return tokens[index];
    }

    int[] generated() {
        return Arrays.copyOfRange(tokens, promptLength, length);
    }

    /** A generated token, counted from 0. */
    int generated(int index) {
        return tokens[promptLength + index];
    }

    int generatedCount() {
        return length - promptLength;
    }
}
