package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.train.options.OptimizerMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The optimizers against their formulas in double precision, over several steps on a real gradient. */
class OptimizerIT {

    private static final EngineOptions OPTIONS = EngineOptions.defaults();
    private static final float RATE = 0.01f;
    private static final float DECAY = 0.1f;

    @TempDir
    Path folder;

    /** A parameter's history in double precision. */
    private static final class Expected {
        private final double[] w;
        private final double[] m;
        private final double[] v;

        private Expected(double[] w) {
            this.w = w;
            m = new double[w.length];
            v = new double[w.length];
        }

        private void adamW(double[] g, OptimizerStep step) {
            for (int i = 0; i < w.length; i++) {
                m[i] = step.beta1() * m[i] + (1 - step.beta1()) * g[i];
                v[i] = step.beta2() * v[i] + (1 - step.beta2()) * g[i] * g[i];
                double mean = m[i] / (1 - Math.pow(step.beta1(), step.number()));
                double square = v[i] / (1 - Math.pow(step.beta2(), step.number()));
                w[i] -= step.learningRate() * (mean / (Math.sqrt(square) + step.epsilon()) + step.weightDecay() * w[i]);
            }
        }

        private void sgd(double[] g, OptimizerStep step) {
            for (int i = 0; i < w.length; i++) {
                w[i] -= step.learningRate() * (g[i] + step.weightDecay() * w[i]);
            }
        }
    }

    @Test
    void tenStepsOfAdamWEqualTheFormula() throws IOException {
        // A large epsilon, because the quotient of two numbers near zero would magnify rounding.
        assertStepsEqual(number -> new OptimizerStep(
                OptimizerMethod.ADAMW, RATE, 0.8f, 0.95f, 1e-3f, DECAY, Double.POSITIVE_INFINITY, number));
    }

    @Test
    void tenStepsOfGradientDescentEqualTheFormula() throws IOException {
        assertStepsEqual(number ->
                new OptimizerStep(OptimizerMethod.SGD, RATE, 0, 0, 0, DECAY, Double.POSITIVE_INFINITY, number));
    }

    @Test
    void clippedStepsEqualTheFormula() throws IOException {
        assertStepsEqual(number -> new OptimizerStep(OptimizerMethod.SGD, RATE, 0, 0, 0, 0, 0.05, number));
    }

    /** Each loss of a training of DoRA against the reference with the engine's numbers of that step, norms included. */
    @ParameterizedTest
    @EnumSource(
            value = TestModel.class,
            names = {"LLAMA", "QWEN2", "GEMMA3"})
    void lossesOfATrainingOfDoraAreThoseOfTheDefinition(TestModel model) throws IOException {
        GradientCase testCase = GradientCase.of(model, model.write(folder));
        AdapterSpec dora =
                AdapterSpec.everywhere(GradientCase.RANK, GradientCase.SCALE).withMagnitudes();
        try (TrainingEngine engine = TrainingEngine.open(testCase.file(), dora, OPTIONS, 5)) {
            double first = Double.NaN;
            double last = Double.NaN;
            for (int number = 1; number <= 30; number++) {
                ReferenceDecoder reference = FiniteDifferences.reference(testCase, engine);
                reference.fixNorms();
                last = reference.loss(testCase.batch(), testCase.lengths());
                first = number == 1 ? last : first;
                assertThat(engine.accumulate(testCase.batch()).sum())
                        .as("step " + number)
                        .isCloseTo(last, within(1e-6 * first + 1e-5));
                engine.step(OptimizerStep.adamW(RATE, number));
            }
            assertThat(last).isLessThan(first / 2);
        }
    }

    private void assertStepsEqual(java.util.function.IntFunction<OptimizerStep> steps) throws IOException {
        GradientCase llama = GradientCase.of(TestModel.LLAMA, TestModel.LLAMA.write(folder));
        try (TrainingEngine engine = llama.open(OPTIONS)) {
            Map<String, Expected> expected = new HashMap<>();
            engine.adapter()
                    .parameters()
                    .forEach(p -> expected.put(
                            p.name(),
                            new Expected(GradientCase.doubles(p.value().floats()))));
            for (int number = 1; number <= 10; number++) {
                OptimizerStep step = steps.apply(number);
                int tokens = engine.accumulate(llama.batch()).tokens();
                advance(expected, GradientCase.gradients(engine, OPTIONS), tokens, step);
                engine.step(step);
            }
            for (AdapterWeights.Parameter parameter : engine.adapter().parameters()) {
                double[] w = GradientCase.doubles(parameter.value().floats());
                double[] wanted = expected.get(parameter.name()).w;
                Arrays.setAll(w, i -> w[i] - wanted[i]);
                assertThat(Arrays.stream(w).map(Math::abs).max().orElseThrow()).isLessThan(2e-6);
            }
        }
    }

    private static void advance(
            Map<String, Expected> expected, Map<String, double[]> sums, int tokens, OptimizerStep step) {
        double norm = Math.sqrt(sums.values().stream()
                        .mapToDouble(g -> GradientCase.dot(g, g))
                        .sum())
                / tokens;
        double clip = Math.min(1, step.clipNorm() / norm);
        sums.forEach((name, sum) -> {
            double[] g = Arrays.stream(sum).map(value -> value / tokens * clip).toArray();
            switch (step.method()) {
                case ADAMW -> expected.get(name).adamW(g, step);
                case SGD -> expected.get(name).sgd(g, step);
            }
        });
    }

    @Test
    void theReportedNormIsThatOfTheMeanLossBeforeClipping() throws IOException {
        GradientCase llama = GradientCase.of(TestModel.LLAMA, TestModel.LLAMA.write(folder));
        try (TrainingEngine engine = llama.open(OPTIONS)) {
            int tokens = engine.accumulate(llama.batch()).tokens();
            double sum = GradientCase.gradients(engine, OPTIONS).values().stream()
                    .mapToDouble(g -> GradientCase.dot(g, g))
                    .sum();
            double norm = engine.step(new OptimizerStep(OptimizerMethod.SGD, 0, 0, 0, 0, 0, 1e-6, 1));
            assertThat(norm).isCloseTo(Math.sqrt(sum) / tokens, within(1e-9));
        }
    }

    @Test
    void gradientsThatAreNotFiniteChangeNothing() throws IOException {
        GradientCase llama = GradientCase.of(TestModel.LLAMA, TestModel.LLAMA.write(folder));
        try (TrainingEngine engine = llama.open(OPTIONS)) {
            AdapterWeights.Parameter first = engine.adapter().parameters().getFirst();
            float[] before = first.value().floats();
            float[] poisoned = new float[before.length];
            poisoned[3] = Float.NaN;
            engine.accumulate(llama.batch());
            first.gradient().set(poisoned);
            assertThat(engine.step(OptimizerStep.adamW(1, 1))).isNaN();
            assertThat(first.value().floats()).isEqualTo(before);
            assertThat(first.m().floats()).containsOnly(0);
            engine.accumulate(llama.batch());
            assertThat(engine.step(OptimizerStep.adamW(1e-3f, 1))).isFinite();
        }
    }
}
