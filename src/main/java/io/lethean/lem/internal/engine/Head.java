package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;

/**
 * The end of the forward pass and the start of the backward pass, for a chunk of C rows that have a target: final norm,
 * logits, softmax, cross entropy.
 *
 * <p>Rows are gathered before the head, so that prompt tokens cost nothing here and take no part in the loss.
 *
 * @param decoder the model
 * @param lossScale factor of the logits' gradient
 */
record Head(Decoder decoder, float lossScale) {

    /**
     * What a chunk brings.
     *
     * @param rows C indices of rows of the last layer's result; unused ones name the dummy row after the last
     * @param labels C indices into the chunk's C times V probabilities
     */
    record Chunk(Tensor rows, Tensor labels) {

        long size() {
            return rows.shape().n0();
        }
    }

    /** The logits of all rows of x. */
    Tensor logits(GraphBuilder g, Tensor x) {
        return normedLogits(g, decoder.outputNorm().forward(g, x));
    }

    /** The probability of each row's target; its negative logarithm is the loss. */
    Tensor targetProbabilities(GraphBuilder g, Tensor x, Chunk chunk) {
        return g.rows(flat(g, g.softMax(logits(g, g.rows(x, chunk.rows()))), chunk), chunk.labels());
    }

    /**
     * As {@link #targetProbabilities}, and writes the gradients of the chunk's rows of x into {@code dx}.
     *
     * @param dx the gradient of x, with the dummy row
     */
    Tensor gradients(GraphBuilder g, Tensor x, Chunk chunk, Tensor dx) {
        Tensor rows = g.rows(x, chunk.rows());
        Tensor normed = decoder.outputNorm().forward(g, rows);
        Tensor logits = normedLogits(g, normed);
        Tensor p = g.softMax(logits);
        Tensor flat = flat(g, p, chunk);
        Tensor target = g.compute(g.rows(flat, chunk.labels()));

        // The gradient of cross entropy is p - 1 at the target and p elsewhere.
        Tensor differences = g.setRows(flat, g.scale(target, 1, -1), chunk.labels());
        Tensor dLogits = g.scale(g.reshape(differences, p.shape()), lossScale);
        if (decoder.spec().scales().logitCap() != 0) {
            dLogits = SoftCap.backward(
                    g, logits, dLogits, 1, decoder.spec().scales().logitCap());
        }
        // An unused place of the chunk reads the dummy row, which is zero and so adds nothing to any gradient.
        decoder.output().accumulate(g, normed, dLogits);
        Tensor dNormed = decoder.output().backward(g, dLogits);
        g.compute(g.setRows(dx, decoder.outputNorm().backward(g, rows, dNormed), chunk.rows()));
        return target;
    }

    private Tensor normedLogits(GraphBuilder g, Tensor normed) {
        Tensor logits = g.multiplyMatrices(decoder.output().matrix(), normed);
        float cap = decoder.spec().scales().logitCap();
        return cap == 0 ? logits : SoftCap.forward(g, logits, 1, cap);
    }

    /** All probabilities as rows of one number, so that an index picks one. */
    private Tensor flat(GraphBuilder g, Tensor p, Chunk chunk) {
        return g.reshape(p, Shape.of(1, chunk.size() * decoder.spec().widths().vocabulary()));
    }
}
