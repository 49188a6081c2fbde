package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Shape;
import java.util.Arrays;

/**
 * Adafactor (Shazeer and Stern 2018, algorithms 4 and 5), with its proposed settings and no first moment.
 *
 * <p>The learning rate is the paper's relative step size: it is multiplied by the root mean square of the parameter. Of the
 * second moments of a matrix only the means of rows and columns are kept, in the parameter's own v: rows first.
 */
final class Adafactor {

    private static final double EPSILON_1 = 1e-30;
    private static final double EPSILON_2 = 1e-3;
    private static final double CLIP = 1;
    private static final double DECAY = 0.8;

    private Adafactor() {}

    /** @param g the gradient, which is changed */
    static void step(Trainable.Parameter parameter, double[] g, OptimizerStep step) {
        float[] x = parameter.value().floats();
        float[] v = parameter.v().floats();
        double beta = 1 - Math.pow(step.number(), -DECAY);
        Shape shape = parameter.value().shape();
        if (shape.rows() == 1 || shape.n0() == 1) {
            plain(g, v, beta);
        } else {
            int size = (int) (shape.n0() * shape.n1());
            for (int from = 0; from < g.length; from += size) {
                double[] one = Arrays.copyOfRange(g, from, from + size);
                float[] moments = Arrays.copyOfRange(v, from, from + size);
                factored(one, moments, beta, (int) shape.n0());
                System.arraycopy(one, 0, g, from, size);
                System.arraycopy(moments, 0, v, from, size);
            }
        }
        double clip = Math.max(1, rms(g) / CLIP);
        double rate = Math.max(EPSILON_2, rms(x)) * step.learningRate();
        for (int i = 0; i < x.length; i++) {
            x[i] -= (float) (rate * g[i] / clip + (double) step.learningRate() * step.weightDecay() * x[i]);
        }
        parameter.value().set(x);
        parameter.v().set(v);
    }

    private static void plain(double[] g, float[] v, double beta) {
        for (int i = 0; i < g.length; i++) {
            double moment = beta * v[i] + (1 - beta) * (g[i] * g[i] + EPSILON_1);
            v[i] = (float) moment;
            g[i] /= Math.sqrt(moment);
        }
    }

    /** The second moment of row i and column j is {@code row(i) * column(j) / mean of rows}. */
    private static void factored(double[] g, float[] v, double beta, int columns) {
        int rows = g.length / columns;
        double[] ofRows = new double[rows];
        double[] ofColumns = new double[columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                double value = g[row * columns + column];
                double square = value * value + EPSILON_1;
                ofRows[row] += square / columns;
                ofColumns[column] += square / rows;
            }
        }
        double mean = 0;
        for (int row = 0; row < rows; row++) {
            ofRows[row] = beta * v[row] + (1 - beta) * ofRows[row];
            v[row] = (float) ofRows[row];
            mean += ofRows[row] / rows;
        }
        for (int column = 0; column < columns; column++) {
            ofColumns[column] = beta * v[rows + column] + (1 - beta) * ofColumns[column];
            v[rows + column] = (float) ofColumns[column];
        }
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                g[row * columns + column] /= Math.sqrt(ofRows[row] * ofColumns[column] / mean);
            }
        }
    }

    private static double rms(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return Math.sqrt(sum / values.length);
    }

    private static double rms(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum / values.length);
    }
}
