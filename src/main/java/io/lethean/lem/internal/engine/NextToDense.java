package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Tensor;

/**
 * Joins a mixture of experts and a dense feed-forward part next to it, both of the layer's middle M:
 *
 * <pre>
 * y = denseOut(dense(norm(M))) + expertsOut(mixture(expertsIn(M)))      the router reads router(M) / sqrt(d)
 * </pre>
 *
 * @param denseOut norm of the dense part's result
 * @param expertsIn norm of what the experts read
 * @param expertsOut norm of the mixture's result
 * @param router norm of what the router reads
 */
record NextToDense(RmsNorm denseOut, RmsNorm expertsIn, RmsNorm expertsOut, RmsNorm router) {

    /** What the router reads. */
    Tensor routed(GraphBuilder g, Tensor middle) {
        return g.scale(router.forward(g, middle), factor(middle));
    }

    /** The gradient of the middle from that of what the router reads. */
    Tensor routedBack(GraphBuilder g, Tensor middle, Tensor d) {
        return router.backward(g, middle, g.scale(d, factor(middle)));
    }

    private static float factor(Tensor middle) {
        return (float) (1 / Math.sqrt(middle.shape().n0()));
    }
}
