package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.lethean.lem.train.options.Target;
import java.io.IOException;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Compares gradients with central differences of the reference's loss in double precision.
 *
 * @param alongGradient the worst relative error of the slope along the gradient itself
 * @param alongRandom the worst error of the slope along a random direction, relative to what is usual for one
 * @param ofElement the worst error of a single number, relative to the root mean square of its gradient
 */
record FiniteDifferences(double alongGradient, double alongRandom, double ofElement) {

    private static final double H = 1e-4;
    private static final int ELEMENTS = 3;

    static FiniteDifferences compare(GradientCase testCase, EngineOptions options) throws IOException {
        return compare(testCase, AdapterSpec.everywhere(GradientCase.RANK, GradientCase.SCALE), options);
    }

    /** As {@link #compare(GradientCase, EngineOptions)}, for an adapter of some of the matrices. */
    static FiniteDifferences compare(GradientCase testCase, AdapterSpec adapter, EngineOptions options)
            throws IOException {
        try (TrainingEngine engine = testCase.open(adapter, options)) {
            engine.accumulate(testCase.batch());
            Map<String, double[]> gradients = GradientCase.gradients(engine, options);
            ReferenceDecoder reference = reference(testCase, engine);
            return compare(testCase, reference, reference.lora(), gradients);
        }
    }

    /** As {@link #compare(GradientCase, EngineOptions)} for an adapter of DoRA, with the norms held where they are. */
    static FiniteDifferences compareDora(GradientCase testCase, AdapterSpec adapter, EngineOptions options)
            throws IOException {
        try (TrainingEngine engine = testCase.open(adapter, options)) {
            double engineLoss = engine.accumulate(testCase.batch()).sum();
            ReferenceDecoder reference = reference(testCase, engine);
            reference.fixNorms();
            assertThat(engineLoss)
                    .isCloseTo(reference.loss(testCase.batch(), testCase.lengths()), withinPercentage(1e-3));
            return compare(testCase, reference, reference.lora(), GradientCase.gradients(engine, options));
        }
    }

    /** The reference with the numbers that the engine has now. */
    static ReferenceDecoder reference(GradientCase testCase, TrainingEngine engine) throws IOException {
        ReferenceDecoder reference = new ReferenceDecoder(
                testCase.model().config(), TestModel.weights(testCase.file()), GradientCase.RANK, GradientCase.SCALE);
        for (AdapterWeights.Parameter parameter : engine.adapter().parameters()) {
            reference
                    .lora()
                    .put(
                            parameter.name(),
                            GradientCase.doubles(parameter.value().floats()));
        }
        return reference;
    }

    /** As {@link #compare(GradientCase, EngineOptions)} with dropout: the engine's gradients of one drawing. */
    static FiniteDifferences compareDropping(
            GradientCase testCase, EngineOptions options, double dropout, long drawing, long referenceDrawing)
            throws IOException {
        AdapterSpec everywhere = AdapterSpec.everywhere(GradientCase.RANK, GradientCase.SCALE);
        AdapterSpec dropping = new AdapterSpec(GradientCase.RANK, GradientCase.SCALE, everywhere.targets(), 0, dropout);
        try (TrainingEngine engine = testCase.open(dropping, options)) {
            engine.accumulate(testCase.batch(), drawing);
            ReferenceDecoder reference = reference(testCase, engine);
            for (int layer = 0; layer < engine.spec().layerCount(); layer++) {
                LayerWidths widths = engine.spec().layer(layer).widths();
                for (Target target : Target.values()) {
                    int length = widths.input(target) * testCase.batch().tokens().length;
                    reference
                            .masks()
                            .put(
                                    target.weightName(layer),
                                    DropoutMasks.mask(referenceDrawing, layer, target, length, dropout));
                }
            }
            return compare(testCase, reference, reference.lora(), GradientCase.gradients(engine, options));
        }
    }

    /** As {@link #compare(GradientCase, EngineOptions)}, with all weights trained and no adapter. */
    static FiniteDifferences compareWhole(GradientCase testCase, EngineOptions options) throws IOException {
        Map<String, double[]> weights = TestModel.weights(testCase.file());
        ReferenceDecoder reference =
                new ReferenceDecoder(testCase.model().config(), weights, GradientCase.RANK, GradientCase.SCALE);
        return compare(testCase, reference, weights, testCase.gradientsOfAllWeights(options));
    }

    /** @param numbers what the reference computes with, by the parameters' names */
    private static FiniteDifferences compare(
            GradientCase testCase,
            ReferenceDecoder reference,
            Map<String, double[]> numbers,
            Map<String, double[]> gradients) {
        SplittableRandom random = new SplittableRandom(29);
        FiniteDifferences worst = new FiniteDifferences(0, 0, 0);
        for (Map.Entry<String, double[]> entry : gradients.entrySet()) {
            double[] g = entry.getValue();
            double[] at = numbers.get(entry.getKey());
            double norm = GradientCase.norm(g);
            double[] along = g.clone();
            java.util.Arrays.setAll(along, i -> g[i] / norm);
            double[] direction = random.doubles(g.length, -1, 1).toArray();
            double length = GradientCase.norm(direction);
            java.util.Arrays.setAll(direction, i -> direction[i] / length);
            double usual = GradientCase.usualNorm(gradients, entry.getKey());
            double rms = usual / Math.sqrt(g.length);
            worst = worst.max(
                    Math.abs(slope(testCase, reference, at, along) - norm) / usual,
                    Math.abs(slope(testCase, reference, at, direction) - GradientCase.dot(g, direction)) / rms,
                    elements(testCase, reference, at, g, random) / rms);
        }
        assertThat(reference.closestChoice())
                .as("distance to another choice of experts")
                .isGreaterThan(1e-3);
        return worst;
    }

    private static double elements(
            GradientCase testCase, ReferenceDecoder reference, double[] at, double[] g, SplittableRandom random) {
        double worst = 0;
        for (int i = 0; i < ELEMENTS; i++) {
            double[] one = new double[g.length];
            int index = random.nextInt(g.length);
            one[index] = 1;
            worst = Math.max(worst, Math.abs(slope(testCase, reference, at, one) - g[index]));
        }
        return worst;
    }

    private static double slope(GradientCase testCase, ReferenceDecoder reference, double[] at, double[] direction) {
        double[] start = at.clone();
        java.util.Arrays.setAll(at, i -> start[i] + H * direction[i]);
        double above = reference.loss(testCase.batch(), testCase.lengths());
        java.util.Arrays.setAll(at, i -> start[i] - H * direction[i]);
        double below = reference.loss(testCase.batch(), testCase.lengths());
        System.arraycopy(start, 0, at, 0, at.length);
        return (above - below) / (2 * H);
    }

    private FiniteDifferences max(double gradient, double direction, double element) {
        return new FiniteDifferences(
                Math.max(alongGradient, gradient), Math.max(alongRandom, direction), Math.max(ofElement, element));
    }
}
