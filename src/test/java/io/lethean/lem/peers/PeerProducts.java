package io.lethean.lem.peers;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.Derivatives;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.GraphGroup;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.ggml.TensorContext;
import io.lethean.lem.internal.gguf.GgmlType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * The speed of the products of training for {@code scripts/peers/train}: the argument is the number of threads, a line of
 * input has the rows, terms and columns of a product and whether the matrix is read along its columns, a line of output has
 * its GFLOP/s.
 */
public final class PeerProducts {

    /** The least time that a measurement takes. */
    private static final double SECONDS = 0.4;

    private PeerProducts() {}

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (Backend backend = Backend.cpu(Integer.parseInt(arguments[0]));
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            out.println("ready");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] parts = line.split(" ", -1);
                out.println(gigaFlops(
                        backend,
                        Integer.parseInt(parts[0]),
                        Integer.parseInt(parts[1]),
                        Integer.parseInt(parts[2]),
                        Boolean.parseBoolean(parts[3])));
            }
        }
    }

    private static double gigaFlops(Backend backend, int rows, int terms, int columns, boolean transposed) {
        try (TensorContext context = new TensorContext(2);
                GraphGroup group = new GraphGroup(backend, Derivatives.Choice.NATIVE)) {
            Tensor matrix = context.tensor(
                    "matrix", GgmlType.F32, transposed ? Shape.of(columns, terms) : Shape.of(terms, columns));
            Tensor x = context.tensor("x", GgmlType.F32, Shape.of(terms, rows));
            try (Buffer _ = backend.allocate(context, "the operands of a product")) {
                fill(matrix, 1);
                fill(x, 2);
                GraphBuilder g = group.graph("product", 4);
                g.compute(transposed ? g.multiplyTransposed(matrix, x) : g.multiplyMatrices(matrix, x));
                group.allocate();
                backend.compute(g.graph());
                long begin = System.nanoTime();
                double seconds = 0;
                int count = 0;
                while (seconds < SECONDS) {
                    backend.compute(g.graph());
                    count++;
                    seconds = (System.nanoTime() - begin) / 1e9;
                }
                return 2e-9 * rows * terms * columns * count / seconds;
            }
        }
    }

    private static void fill(Tensor tensor, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[Math.toIntExact(tensor.shape().elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        tensor.set(values);
    }
}
