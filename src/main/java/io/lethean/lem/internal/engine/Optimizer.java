package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.Graph;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.GraphGroup;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.ggml.TensorContext;
import io.lethean.lem.internal.gguf.GgmlType;
import java.util.List;

/**
 * Owns the graphs that change what is trained by its gradients. Adafactor and Muon are computed here instead, in double
 * precision, because their sums over rows and products of small matrices gain nothing on a device.
 */
final class Optimizer implements AutoCloseable {

    private final Trainable trainable;
    private final Backend backend;
    private final TensorContext context = new TensorContext(3);
    private final Tensor factor = context.tensor("factor of the gradients", GgmlType.F32, Shape.of(1));
    private final Tensor adamWSettings = context.tensor("settings of adamw", GgmlType.F32, Shape.of(7));
    private final Tensor sgdSettings = context.tensor("settings of sgd", GgmlType.F32, Shape.of(2));
    private final Buffer buffer;
    private final GraphGroup group;
    private final Graph adamW;
    private final Graph sgd;

    Optimizer(Trainable trainable, EngineOptions options, Backend backend) {
        this.trainable = trainable;
        this.backend = backend;
        buffer = backend.allocate(context, "the optimizer's settings");
        group = new GraphGroup(backend, options.derivatives());
        List<Trainable.Parameter> parameters = trainable.parameters();
        GraphBuilder a = group.graph("adamw", 4 * parameters.size() + 8);
        GraphBuilder s = group.graph("sgd", 4 * parameters.size() + 8);
        for (Trainable.Parameter p : parameters) {
            a.compute(a.adamW(p.value(), a.multiply(p.gradient(), factor), p.m(), p.v(), adamWSettings));
            s.compute(s.gradientDescent(p.value(), s.multiply(p.gradient(), factor), sgdSettings));
        }
        adamW = a.graph();
        sgd = s.graph();
        group.allocate();
    }

    /** The norm of all gradients together, as they stand. */
    double gradientNorm() {
        double sum = 0;
        for (Trainable.Parameter parameter : trainable.parameters()) {
            for (float g : parameter.gradient().floats()) {
                sum += (double) g * g;
            }
        }
        return Math.sqrt(sum);
    }

    /** @param gradientFactor turns the gradients as they stand into those of the mean loss, clipped */
    void step(OptimizerStep step, double gradientFactor) {
        factor.set(new float[] {(float) gradientFactor});
        switch (step.method()) {
            case ADAMW -> {
                adamWSettings.set(new float[] {
                    step.learningRate(),
                    step.beta1(),
                    step.beta2(),
                    step.epsilon(),
                    step.weightDecay(),
                    OptimizerStep.correction(step.beta1(), step.number()),
                    OptimizerStep.correction(step.beta2(), step.number())
                });
                backend.compute(adamW);
            }
            case SGD -> {
                sgdSettings.set(new float[] {step.learningRate(), step.weightDecay()});
                backend.compute(sgd);
            }
            case ADAFACTOR -> {
                for (Trainable.Parameter p : trainable.parameters()) {
                    Adafactor.step(p, gradient(p, gradientFactor), step);
                }
            }
            case MUON -> {
                for (Trainable.Parameter p : trainable.parameters()) {
                    if (p.value().shape().rows() == 1) {
                        Muon.stepVector(p, gradient(p, gradientFactor), step);
                    } else {
                        Muon.step(p, gradient(p, gradientFactor), AdapterWeights.isB(p), step);
                    }
                }
            }
        }
    }

    private static double[] gradient(Trainable.Parameter parameter, double factor) {
        float[] scaled = parameter.gradient().floats();
        double[] g = new double[scaled.length];
        for (int i = 0; i < g.length; i++) {
            g[i] = scaled[i] * factor;
        }
        return g;
    }

    @Override
    public void close() {
        group.close();
        buffer.close();
        context.close();
    }
}
