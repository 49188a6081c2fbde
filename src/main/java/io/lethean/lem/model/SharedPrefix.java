package io.lethean.lem.model;

import io.lethean.lem.internal.llama.NativeContext;
import java.util.Arrays;

/**
 * The beginning that several prompts have in common, evaluated once in a sequence of its own and copied to theirs.
 *
 * <p>Prompts are evaluated in blocks that begin at multiples of {@value NativeContext#BLOCK} tokens, and only whole
 * blocks are shared. So what a sequence holds is computed by the same calls whether it was copied or not: sharing changes no
 * bit of an answer.
 */
final class SharedPrefix {

    private final NativeContext context;
    private final int sequence;
    private int[] held = {};

    /** @param sequence is empty and used by nothing else */
    SharedPrefix(NativeContext context, int sequence) {
        this.context = context;
        this.sequence = sequence;
    }

    /** How many tokens at the beginning two prompts can share; each keeps one at least to be evaluated on its own. */
    static int shareable(int[] prompt, int[] other) {
        int most = Math.min(prompt.length, other.length) - 1;
        return wholeBlocks(common(prompt, other, most));
    }

    private static int wholeBlocks(int tokens) {
        return tokens / NativeContext.BLOCK * NativeContext.BLOCK;
    }

    private static int common(int[] a, int[] b, int most) {
        int mismatch = Arrays.mismatch(a, 0, Math.max(0, most), b, 0, Math.max(0, most));
        return mismatch < 0 ? Math.max(0, most) : mismatch;
    }

    /**
     * Sees to it that a prompt's beginning is held.
     *
     * @param length what others share with it, in whole blocks; more is held if it is there already
     * @return false if the cancel flag was raised meanwhile
     */
    boolean hold(int[] prompt, int length) {
        int useful = wholeBlocks(common(held, prompt, Math.min(held.length, prompt.length - 1)));
        if (useful < held.length) {
            cutBack(useful);
        }
        if (held.length >= length) {
            return true;
        }
        int from = held.length;
        held = Arrays.copyOf(prompt, length);
        return context.evaluate(sequence, held, from, false);
    }

    private void cutBack(int length) {
        boolean kept = length > 0 && context.cutBack(sequence, length);
        if (!kept) {
            context.forget(sequence);
        }
        held = kept ? Arrays.copyOf(held, length) : new int[0];
    }

    /** Begins a sequence with what is held, which is a beginning of its prompt; returns how many tokens that is. */
    int copyTo(int other) {
        context.forget(other);
        if (held.length > 0) {
            context.copy(sequence, other);
        }
        return held.length;
    }
}
