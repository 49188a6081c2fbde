package io.lethean.lem.model;

import io.lethean.lem.NativeCallException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reading the scores of the next token in place. */
final class Logits {

    private Logits() {}

    /**
     * The token with the highest score, the lowest one among equals; scores that are not numbers never win.
     *
     * @throws NativeCallException if no score is a number above minus infinity
     */
    static int argmax(MemorySegment logits, int count) {
        float best = Float.NEGATIVE_INFINITY;
        int token = -1;
        for (int i = 0; i < count; i++) {
            float logit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            if (logit > best) {
                best = logit;
                token = i;
            }
        }
        return requireToken(token);
    }

    /** As {@link #argmax(MemorySegment, int)}, over a Java array. */
    static int argmax(float[] logits) {
        float best = Float.NEGATIVE_INFINITY;
        int token = -1;
        for (int i = 0; i < logits.length; i++) {
            if (logits[i] > best) {
                best = logits[i];
                token = i;
            }
        }
        return requireToken(token);
    }

    static int requireToken(int token) {
        if (token < 0) {
            throw new NativeCallException(
                    "The model computed no score that is a number for any token; its weights or an adapter's are"
                            + " broken, or the number format overflows. Loading it with checkTensors, and without"
                            + " adapters, tells which.",
                    "llama_get_logits_ith",
                    0);
        }
        return token;
    }
}
