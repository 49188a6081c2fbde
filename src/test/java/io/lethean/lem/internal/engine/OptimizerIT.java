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

        /** The rows of the paper's matrix from the stored numbers, or the stored place of row i and column j. */
        private int place(double[][] g, int i, int j) {
            return g.length == GradientCase.RANK ? i * g[0].length + j : j * g.length + i;
        }

        /** Algorithm 4 of the paper, with its beta and clipping; the history is kept as whole sums of squares. */
        private void adafactor(double[][] g, OptimizerStep step) {
            int n = g.length;
            int k = g[0].length;
            double beta = 1 - Math.pow(step.number(), -0.8);
            double total = 0;
            for (int i = 0; i < n; i++) {
                double sum = 0;
                for (int j = 0; j < k; j++) {
                    sum += g[i][j] * g[i][j] + 1e-30;
                }
                m[i] = beta * m[i] + (1 - beta) * sum;
                total += m[i];
            }
            for (int j = 0; j < k; j++) {
                double sum = 0;
                for (int i = 0; i < n; i++) {
                    sum += g[i][j] * g[i][j] + 1e-30;
                }
                v[j] = beta * v[j] + (1 - beta) * sum;
            }
            double updates = 0;
            double weights = 0;
            double[][] u = new double[n][k];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < k; j++) {
                    u[i][j] = g[i][j] / Math.sqrt(m[i] * v[j] / total);
                    updates += u[i][j] * u[i][j] / (n * k);
                    weights += w[place(g, i, j)] * w[place(g, i, j)] / (n * k);
                }
            }
            double alpha = Math.max(1e-3, Math.sqrt(weights)) * step.learningRate();
            double clip = Math.max(1, Math.sqrt(updates));
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < k; j++) {
                    int at = place(g, i, j);
                    w[at] -= alpha * u[i][j] / clip + step.learningRate() * step.weightDecay() * w[at];
                }
            }
        }

        /** With X X' X and so on written out, from the publication's description. */
        private void muon(double[][] g, OptimizerStep step) {
            double[][] x = new double[g.length][g[0].length];
            double square = 0;
            for (int i = 0; i < g.length; i++) {
                for (int j = 0; j < g[0].length; j++) {
                    int at = place(g, i, j);
                    m[at] = 0.95 * m[at] + g[i][j];
                    x[i][j] = g[i][j] + 0.95 * m[at];
                    square += x[i][j] * x[i][j];
                }
            }
            for (double[] row : x) {
                for (int j = 0; j < row.length; j++) {
                    row[j] /= Math.sqrt(square) + 1e-7;
                }
            }
            for (int time = 0; time < 5; time++) {
                double[][] cubic = product(product(x, transposed(x)), x);
                double[][] quintic = product(product(x, transposed(x)), cubic);
                for (int i = 0; i < x.length; i++) {
                    for (int j = 0; j < x[0].length; j++) {
                        x[i][j] = 3.4445 * x[i][j] - 4.7750 * cubic[i][j] + 2.0315 * quintic[i][j];
                    }
                }
            }
            double scale = Math.sqrt(Math.max(1, (double) g.length / g[0].length));
            for (int i = 0; i < g.length; i++) {
                for (int j = 0; j < g[0].length; j++) {
                    int at = place(g, i, j);
                    w[at] -= step.learningRate() * (scale * x[i][j] + step.weightDecay() * w[at]);
                }
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
    void tenStepsOfAdafactorEqualTheFormula() throws IOException {
        assertStepsEqual(number -> new OptimizerStep(
                OptimizerMethod.ADAFACTOR, RATE, 0.9f, 0.999f, 0, DECAY, Double.POSITIVE_INFINITY, number));
    }

    @Test
    void tenStepsOfMuonEqualTheFormula() throws IOException {
        assertStepsEqual(number -> new OptimizerStep(
                OptimizerMethod.MUON, RATE, 0.8f, 0.95f, 1e-3f, DECAY, Double.POSITIVE_INFINITY, number));
    }

    /** Newton-Schulz leaves singular values near 1, so that the update of a matrix is nearly orthogonal. */
    @Test
    void updateOfMuonIsNearlyOrthogonal() throws IOException {
        GradientCase llama = GradientCase.of(TestModel.LLAMA, TestModel.LLAMA.write(folder));
        try (TrainingEngine engine = llama.open(OPTIONS)) {
            AdapterWeights.Parameter a = engine.adapter().parameters().getFirst();
            int n = (int) a.value().shape().n0();
            float[] before = a.value().floats();
            engine.accumulate(llama.batch());
            engine.step(
                    new OptimizerStep(OptimizerMethod.MUON, 1, 0.9f, 0.999f, 1e-8f, 0, Double.POSITIVE_INFINITY, 1));
            float[] after = a.value().floats();
            for (int i = 0; i < GradientCase.RANK; i++) {
                for (int j = 0; j < GradientCase.RANK; j++) {
                    double dot = 0;
                    for (int k = 0; k < n; k++) {
                        dot += (double) (after[i * n + k] - before[i * n + k]) * (after[j * n + k] - before[j * n + k]);
                    }
                    assertThat(dot).isBetween(i == j ? 0.3 : -0.4, i == j ? 1.5 : 0.4);
                }
            }
        }
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
                case ADAFACTOR -> expected.get(name).adafactor(matrix(name, g), step);
                case MUON -> expected.get(name).muon(matrix(name, g), step);
            }
        });
    }

    /** A gradient by rows of the rank (A) or of the outputs (B), as the papers have matrices. */
    private static double[][] matrix(String name, double[] g) {
        int rank = GradientCase.RANK;
        int other = g.length / rank;
        double[][] matrix = new double[rank][other];
        for (int r = 0; r < rank; r++) {
            System.arraycopy(g, r * other, matrix[r], 0, other);
        }
        return name.endsWith(".lora_b") ? transposed(matrix) : matrix;
    }

    private static double[][] transposed(double[][] x) {
        double[][] t = new double[x[0].length][x.length];
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < x[0].length; j++) {
                t[j][i] = x[i][j];
            }
        }
        return t;
    }

    private static double[][] product(double[][] x, double[][] y) {
        double[][] p = new double[x.length][y[0].length];
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < y[0].length; j++) {
                for (int k = 0; k < y.length; k++) {
                    p[i][j] += x[i][k] * y[k][j];
                }
            }
        }
        return p;
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
