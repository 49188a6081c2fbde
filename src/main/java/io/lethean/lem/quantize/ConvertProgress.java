package io.lethean.lem.quantize;

/** Receives each tensor that has been written; called on the thread that converts. */
@FunctionalInterface
public interface ConvertProgress {

    /** Tells nobody. */
    ConvertProgress NONE = (tensor, done, total) -> {};

    /**
     * A tensor is written.
     *
     * @param tensor its name
     * @param done tensors written so far, this one included
     * @param total tensors in the file
     */
    void tensorDone(String tensor, int done, int total);
}
