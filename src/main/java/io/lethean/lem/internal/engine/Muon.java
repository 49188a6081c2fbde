package io.lethean.lem.internal.engine;

import java.util.Arrays;

/**
 * Muon (Jordan and others 2024): Nesterov momentum of 0.95, made nearly orthogonal by five Newton-Schulz steps.
 *
 * <p>The matrices of experts are taken one by one. The update of a matrix of more rows than columns is multiplied by the root of their ratio. Vectors get AdamW.
 */
final class Muon {

    private static final double MOMENTUM = 0.95;
    private static final int STEPS = 5;
    private static final double A = 3.4445;
    private static final double B = -4.7750;
    private static final double C = 2.0315;

    private Muon() {}

    /**
     * @param g the gradient
     * @param columnsFirst true for a matrix that is stored by its columns, as B of an adapter is
     */
    static void step(Trainable.Parameter parameter, double[] g, boolean columnsFirst, OptimizerStep step) {
        int length = (int) parameter.value().shape().n0();
        int count = (int) parameter.value().shape().n1();
        int size = count * length;
        float[] momentum = parameter.m().floats();
        double[] update = new double[g.length];
        for (int i = 0; i < g.length; i++) {
            double m = MOMENTUM * momentum[i] + g[i];
            momentum[i] = (float) m;
            update[i] = g[i] + MOMENTUM * m;
        }
        double[] orthogonal = new double[g.length];
        for (int from = 0; from < g.length; from += size) {
            double[] one = Arrays.copyOfRange(update, from, from + size);
            System.arraycopy(orthogonal(one, count, length), 0, orthogonal, from, size);
        }
        double rows = columnsFirst ? length : count;
        double rate = step.learningRate() * Math.sqrt(Math.max(1, rows * rows / size));
        float[] x = parameter.value().floats();
        for (int i = 0; i < x.length; i++) {
            x[i] -= (float) (rate * orthogonal[i] + (double) step.learningRate() * step.weightDecay() * x[i]);
        }
        parameter.value().set(x);
        parameter.m().set(momentum);
    }

    /** AdamW for what is not a matrix. */
    static void stepVector(Trainable.Parameter parameter, double[] g, OptimizerStep step) {
        float[] x = parameter.value().floats();
        float[] m = parameter.m().floats();
        float[] v = parameter.v().floats();
        double first = 1 - Math.pow(step.beta1(), step.number());
        double second = 1 - Math.pow(step.beta2(), step.number());
        for (int i = 0; i < x.length; i++) {
            m[i] = (float) (step.beta1() * m[i] + (1 - step.beta1()) * g[i]);
            v[i] = (float) (step.beta2() * v[i] + (1 - step.beta2()) * g[i] * g[i]);
            double direction = m[i] / first / (Math.sqrt(v[i] / second) + step.epsilon());
            x[i] -= (float) (step.learningRate() * (direction + step.weightDecay() * x[i]));
        }
        parameter.value().set(x);
        parameter.m().set(m);
        parameter.v().set(v);
    }

    /** Newton-Schulz steps on {@code count} rows of a length; the Gram matrix is of the shorter side. */
    private static double[] orthogonal(double[] x, int count, int length) {
        if (count > length) {
            return transposed(orthogonal(transposed(x, count, length), length, count), length, count);
        }
        double norm = 1e-7;
        double square = 0;
        for (double value : x) {
            square += value * value;
        }
        norm += Math.sqrt(square);
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i] / norm;
        }
        for (int step = 0; step < STEPS; step++) {
            double[] gram = gram(y, count, length);
            double[] polynomial = polynomial(gram, count);
            y = product(polynomial, y, count, length);
        }
        return y;
    }

    /** X X'. */
    private static double[] gram(double[] x, int count, int length) {
        double[] gram = new double[count * count];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int k = 0; k < length; k++) {
                    sum += x[i * length + k] * x[j * length + k];
                }
                gram[i * count + j] = sum;
                gram[j * count + i] = sum;
            }
        }
        return gram;
    }

    /** A I + B G + C G G. */
    private static double[] polynomial(double[] gram, int count) {
        double[] result = gram(gram, count, count);
        for (int i = 0; i < result.length; i++) {
            result[i] = C * result[i] + B * gram[i] + (i % (count + 1) == 0 ? A : 0);
        }
        return result;
    }

    private static double[] product(double[] left, double[] x, int count, int length) {
        double[] product = new double[x.length];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                double factor = left[i * count + j];
                for (int k = 0; k < length; k++) {
                    product[i * length + k] += factor * x[j * length + k];
                }
            }
        }
        return product;
    }

    private static double[] transposed(double[] x, int count, int length) {
        double[] transposed = new double[x.length];
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < length; k++) {
                transposed[k * count + i] = x[i * length + k];
            }
        }
        return transposed;
    }
}
