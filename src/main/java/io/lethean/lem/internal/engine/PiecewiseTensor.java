package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A tensor put together of pieces along one axis; where they overlap, their sum.
 *
 * <p>Every piece is computed as soon as it is added, so that whatever is added to the graph later finds the whole, and
 * the memory that a piece was computed in is free for the next one.
 */
final class PiecewiseTensor {

    private final GraphBuilder g;
    private final Tensor like;
    private final Shape shape;
    private final int axis;
    private @Nullable Tensor whole;

    /**
     * Starts with nothing.
     *
     * @param like finite values in the shape of the whole
     * @param shape that of the whole in terms of its pieces; as many numbers
     * @param axis of that shape, along which the pieces lie
     */
    PiecewiseTensor(GraphBuilder g, Tensor like, Shape shape, int axis) {
        this.g = g;
        this.like = like;
        this.shape = shape;
        this.axis = axis;
    }

    /**
     * Adds a piece.
     *
     * @param from where it begins on the axis
     */
    void add(int from, Tensor piece) {
        if (whole == null && piece.shape().equals(shape)) {
            whole = g.compute(piece.isView() ? g.contiguous(piece, like.shape()) : piece);
            return;
        }
        if (whole == null) {
            whole = g.scale(like, 0);
        }
        Tensor part = g.slice(g.reshape(whole, shape), axis, from, piece.shape().extent(axis));
        g.compute(g.addInPlace(part, piece));
    }

    Tensor whole() {
        if (whole == null) {
            throw new IllegalStateException("No piece was added to " + like + ".");
        }
        return whole;
    }
}
