package io.lethean.lem.train;

import io.lethean.lem.internal.engine.AdapterSpec;
import io.lethean.lem.internal.engine.AdapterWeights;
import io.lethean.lem.internal.engine.DecoderSpec;
import io.lethean.lem.internal.engine.DecoderSpecReader;
import io.lethean.lem.internal.engine.EngineOptions;
import io.lethean.lem.internal.engine.ModelExcerpt;
import io.lethean.lem.internal.engine.SampleBatch;
import io.lethean.lem.internal.engine.TrainingEngine;
import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.io.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Checks, before hours of training, that gradients of this model on this device with these options are right.
 *
 * <p>The model's own lowest layers are taken as f32 for a check against finite differences, and as they are for the
 * direction of the gradients over the quantized weights.
 */
final class Verifier {

    /** Says which process made it, should that be killed before it is deleted. */
    static final String TEMPORARY = "lem-verify-" + ProcessHandle.current().pid() + "-";

    private static final int LAYERS = 2;
    private static final int VOCABULARY = 512;
    private static final int LENGTH = 32;

    /** The loss is f32, so that differences of it are known to about this much. */
    private static final double SLOPE_BOUND = 5e-3;

    private static final double COSINE_BOUND = 0.995;

    /** How far finite differences go: the loss changes by about this much in each direction, in nats. */
    private static final double REACH = 0.05;

    /** Shorter steps, as parts of that one, that are tried with a mixture of experts. */
    private static final double[] SHORTER = {1.0 / 4, 1.0 / 16};

    private final EngineOptions options;
    private final AdapterSpec adapter;
    private final Supplier<Backend> backends;
    private final SampleBatch batch;
    private final boolean mixture;

    private Verifier(
            AdapterSpec adapter, EngineOptions options, Supplier<Backend> backends, int vocabulary, boolean mixture) {
        this.mixture = mixture;
        this.adapter = new AdapterSpec(adapter.rank(), adapter.scale(), adapter.targets(), 0);
        this.options = options;
        this.backends = backends;
        int[] tokens = new SplittableRandom(1).ints(2 * LENGTH, 0, vocabulary).toArray();
        int[] targets = new int[tokens.length];
        for (int row = 0; row < targets.length; row++) {
            int t = row % LENGTH;
            targets[row] = t >= LENGTH / 4 && t < LENGTH - 1 ? tokens[row + 1] : SampleBatch.NO_TARGET;
        }
        batch = new SampleBatch(LENGTH, tokens, targets);
    }

    /**
     * Checks a model.
     *
     * @param backends makes a backend, which is closed here
     * @throws io.lethean.lem.InvalidModelException naming the part of the model that blocks training
     * @throws io.lethean.lem.DeviceUnavailableException naming the operation that the device cannot compute
     */
    static Verification verify(GgufFile model, AdapterSpec adapter, EngineOptions options, Supplier<Backend> backends)
            throws IOException {
        return verify(model, adapter, options, backends, engine -> {});
    }

    /** @param afterGradients sees both engines when they have their gradients; for tests that spoil one */
    static Verification verify(
            GgufFile model,
            AdapterSpec adapter,
            EngineOptions options,
            Supplier<Backend> backends,
            Consumer<TrainingEngine> afterGradients)
            throws IOException {
        DecoderSpec spec = DecoderSpecReader.read(model);
        int layers = Math.min(LAYERS, spec.layerCount());
        int vocabulary = Math.min(VOCABULARY, spec.widths().vocabulary());
        Verifier verifier = new Verifier(
                adapter, options, backends, vocabulary, spec.experts().exist());
        try (TemporaryFolder folder = TemporaryFolder.create(TEMPORARY)) {
            Path own = folder.path().resolve("own.gguf");
            Path exact = folder.path().resolve("f32.gguf");
            ModelExcerpt excerpt = new ModelExcerpt(model, layers, vocabulary);
            folder.write(ignored -> {
                excerpt.write(own);
                excerpt.writeExpanded(exact);
            });
            return verifier.verify(GgufFile.read(own), GgufFile.read(exact), layers, afterGradients);
        }
    }

    private Verification verify(GgufFile own, GgufFile exact, int layers, Consumer<TrainingEngine> afterGradients)
            throws IOException {
        EngineOptions exactOptions = options.withTabledGelu(false);
        try (TrainingEngine engine = open(exact, exactOptions);
                TrainingEngine quantized = open(own, options)) {
            engine.accumulate(batch);
            quantized.accumulate(batch);
            afterGradients.accept(engine);
            afterGradients.accept(quantized);
            Verification.Check slope = slope(engine);
            return new Verification(engine.device(), layers, List.of(slope, cosine(engine, quantized)));
        }
    }

    private TrainingEngine open(GgufFile model, EngineOptions with) throws IOException {
        TrainingEngine engine = TrainingEngine.open(model, adapter, with, 1, backends.get());
        SplittableRandom random = new SplittableRandom(2);
        for (AdapterWeights.Parameter parameter : engine.adapter().parameters()) {
            if (AdapterWeights.isB(parameter)) {
                float[] b = new float[(int) parameter.value().shape().elements()];
                double bound = 0.5 / Math.sqrt(parameter.value().shape().n0());
                for (int i = 0; i < b.length; i++) {
                    b[i] = (float) random.nextDouble(-bound, bound);
                }
                parameter.value().set(b);
            }
        }
        return engine;
    }

    /** For each matrix, the slope of the loss along its gradient against the gradient's norm; the worst. */
    private Verification.Check slope(TrainingEngine engine) {
        List<Measured> errors = new ArrayList<>();
        for (AdapterWeights.Parameter parameter : engine.adapter().parameters()) {
            double[] g = gradient(engine, parameter);
            double error = slopeError(engine, parameter, g, REACH);
            for (int i = 0; i < SHORTER.length && mixture && error > SLOPE_BOUND; i++) {
                error = Math.min(error, slopeError(engine, parameter, g, SHORTER[i] * REACH));
            }
            errors.add(new Measured(parameter.name(), error));
        }
        return worst(
                "worst relative error of a gradient against finite differences, f32, of ", errors, SLOPE_BOUND, false);
    }

    /**
     * The relative error of the gradient's norm.
     *
     * <p>In a mixture of experts the loss jumps where a token is given to other experts, and a difference across a jump says nothing. So
     * there the differences to both sides count, too: a gradient that is wrong is wrong for each of them.
     */
    private double slopeError(TrainingEngine engine, AdapterWeights.Parameter parameter, double[] g, double reach) {
        double norm = Math.sqrt(dot(g, g));
        double step = reach / norm;
        float[] at = parameter.value().floats();
        double above = lossAt(engine, parameter, at, g, step / norm);
        double below = lossAt(engine, parameter, at, g, -step / norm);
        parameter.value().set(at);
        double error = Math.abs((above - below) / (2 * step) - norm) / norm;
        if (!mixture || error <= SLOPE_BOUND) {
            return error;
        }
        double here = engine.evaluate(batch).sum();
        double upwards = Math.abs((above - here) / step - norm) / norm;
        double downwards = Math.abs((here - below) / step - norm) / norm;
        return Math.min(error, Math.min(upwards, downwards));
    }

    /** What was measured of one matrix. */
    private record Measured(String name, double value) {}

    /** The check of the worst of them; nothing is worse than NaN. */
    private static Verification.Check worst(String what, List<Measured> all, double bound, boolean atLeast) {
        Measured worst = Collections.max(
                all,
                Comparator.comparingDouble(each -> Double.isNaN(each.value())
                        ? Double.POSITIVE_INFINITY
                        : atLeast ? -each.value() : each.value()));
        return new Verification.Check(what + worst.name(), worst.value(), bound, atLeast);
    }

    private double lossAt(
            TrainingEngine engine, AdapterWeights.Parameter parameter, float[] at, double[] g, double factor) {
        float[] moved = at.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) (factor * g[i]);
        }
        parameter.value().set(moved);
        return engine.evaluate(batch).sum();
    }

    private Verification.Check cosine(TrainingEngine exact, TrainingEngine quantized) {
        List<Measured> cosines = new ArrayList<>();
        for (int i = 0; i < exact.adapter().parameters().size(); i++) {
            double[] one = gradient(exact, exact.adapter().parameters().get(i));
            double[] other =
                    gradient(quantized, quantized.adapter().parameters().get(i));
            cosines.add(new Measured(
                    exact.adapter().parameters().get(i).name(),
                    dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other))));
        }
        return worst(
                "worst cosine of a gradient over the model's own types with that over f32, of ",
                cosines,
                COSINE_BOUND,
                true);
    }

    private double[] gradient(TrainingEngine engine, AdapterWeights.Parameter parameter) {
        float[] scaled = parameter.gradient().floats();
        double[] g = new double[scaled.length];
        Arrays.setAll(g, i -> scaled[i] / engine.lossScale());
        return g;
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }
}
