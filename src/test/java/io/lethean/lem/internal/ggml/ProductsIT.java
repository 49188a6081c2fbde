package io.lethean.lem.internal.ggml;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Matrix products against sums in double precision, with every instruction set of this processor. */
class ProductsIT {

    private final List<AutoCloseable> opened = new ArrayList<>();

    /** The operands, and the numbers that ggml reads in them. */
    private record Operands(Tensor matrix, double[] numbers, Tensor x, float[] xNumbers) {}

    static List<String> instructions() {
        NativeLibraries.load();
        List<String> here =
                Stream.of("avx512", "avx2", "generic").filter(ProductsIT::use).toList();
        use(here.getFirst());
        return here;
    }

    private static boolean use(String instructions) {
        try (Arena arena = Arena.ofConfined()) {
            return LlamaCpp.lem_product_use(arena.allocateFrom(instructions));
        }
    }

    static Stream<Arguments> sizes() {
        int[][] sizes = {
            {1, 1, 1},
            {256, 16, 6},
            {257, 17, 7},
            {300, 290, 193},
            {8, 576, 200},
            {520, 8, 390},
            {64, 33, 1},
            {1, 40, 50}
        };
        return instructions().stream()
                .flatMap(set -> Arrays.stream(sizes).map(s -> Arguments.of(set, s[0], s[1], s[2])));
    }

    @AfterEach
    void close() throws Exception {
        use(instructions().getFirst());
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void bothTranspositionsEqualSumsInDoublePrecision(String instructions, int terms, int columns, int rows) {
        assertThat(use(instructions)).isTrue();
        Operands operands = operands(GgmlType.F32, terms, columns, rows);
        assertProduct(operands, GraphBuilder::multiplyMatrices, false, terms, columns, rows);
        Operands turned = operands(GgmlType.F32, columns, terms, rows, terms);
        assertProduct(turned, GraphBuilder::multiplyTransposed, true, terms, columns, rows);
    }

    static Stream<Arguments> types() {
        NativeLibraries.load();
        return instructions().stream()
                .flatMap(set -> Arrays.stream(GgmlType.values())
                        .filter(type -> type.isConvertible() && new TensorCodec(type).canEncode())
                        .map(type -> Arguments.of(set, type)));
    }

    /** The numbers of a quantized matrix are expanded exactly, and nothing else is rounded. */
    @ParameterizedTest
    @MethodSource("types")
    void everyTypeIsExpandedExactly(String instructions, GgmlType type) {
        assertThat(use(instructions)).isTrue();
        Operands operands = operands(type, 512, 70, 50);
        assertProduct(operands, GraphBuilder::multiplyMatrices, false, 512, 70, 50);
        Operands turned = operands(type, 512, 300, 50, 300);
        assertProduct(turned, GraphBuilder::multiplyTransposed, true, 300, 512, 50);
    }

    /** 576 columns are three pieces of 192. */
    @ParameterizedTest
    @MethodSource("instructions")
    void piecesOfColumnsBeginAtBlocks(String instructions) {
        assertThat(use(instructions)).isTrue();
        Operands operands = operands(GgmlType.Q8_0, 320, 576, 50);
        assertProduct(operands, GraphBuilder::multiplyMatrices, false, 320, 576, 50);
        Operands turned = operands(GgmlType.Q8_0, 576, 700, 50, 700);
        assertProduct(turned, GraphBuilder::multiplyTransposed, true, 700, 576, 50);
    }

    /** Neither the number of rows, nor where a row lies, nor the number of threads changes a bit of its result. */
    @ParameterizedTest
    @MethodSource("instructions")
    void aRowsResultDependsOnThatRowAlone(String instructions) {
        assertThat(use(instructions)).isTrue();
        Operands operands = operands(GgmlType.Q8_0, 640, 300, 211);
        int most = Math.min(3, Runtime.getRuntime().availableProcessors());
        float[] all = compute(1, g -> g.multiplyMatrices(operands.matrix(), operands.x()));
        for (int threads = 1; threads <= most; threads++) {
            for (int from : new int[] {0, 1, 5, 64, 200}) {
                for (int count : new int[] {1, 2, 7, 11}) {
                    float[] part = compute(
                            threads, g -> g.multiplyMatrices(operands.matrix(), g.slice(operands.x(), 1, from, count)));
                    assertThat(part).isEqualTo(Arrays.copyOfRange(all, from * 300, (from + count) * 300));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("instructions")
    void operandsMayHaveAnyStrides(String instructions) {
        assertThat(use(instructions)).isTrue();
        Operands operands = operands(GgmlType.F32, 100, 60, 40, 100);
        float[] expected = compute(2, g -> g.multiplyMatrices(operands.matrix(), operands.x()));
        float[] throughCopies = compute(
                2,
                g -> g.multiplyTransposed(
                        g.contiguous(g.transpose(operands.matrix())),
                        g.transpose(g.contiguous(g.transpose(operands.x())))));
        assertThat(throughCopies).isEqualTo(expected);
        float[] swapped = compute(2, g -> g.multiplyMatrices(operands.x(), operands.matrix()));
        for (int row = 0; row < 40; row++) {
            for (int column = 0; column < 60; column++) {
                assertThat(swapped[column * 40 + row]).isEqualTo(expected[row * 60 + column]);
            }
        }
    }

    /** A stack with fewer matrices is repeated: each is multiplied with several operands in a row, as in ggml. */
    @Test
    void stacksAreRepeatedAsGgmlDoes() {
        TensorContext context = open(new TensorContext(4));
        Backend backend = open(Backend.cpu(1));
        Tensor few = context.tensor("few", GgmlType.F32, new Shape(16, 5, 2, 1));
        Tensor many = context.tensor("many", GgmlType.F32, new Shape(16, 3, 4, 2));
        open(backend.allocate(context, "operands"));
        SplittableRandom random = new SplittableRandom(3);
        few.set(random(random, 160));
        many.set(random(random, 384));
        float[] found = compute(1, g -> g.multiplyMatrices(few, many));
        float[] a = few.floats();
        float[] b = many.floats();
        for (int stack = 0; stack < 8; stack++) {
            for (int row = 0; row < 3; row++) {
                for (int column = 0; column < 5; column++) {
                    double sum = 0;
                    for (int k = 0; k < 16; k++) {
                        sum += (double) a[(stack % 4 / 2 * 5 + column) * 16 + k] * b[(stack * 3 + row) * 16 + k];
                    }
                    assertThat((double) found[(stack * 3 + row) * 5 + column]).isCloseTo(sum, within());
                }
            }
        }
    }

    /** The counters of the pieces of work are ready again after each computation. */
    @Test
    void aGraphCanBeComputedAgain() {
        Operands operands = operands(GgmlType.F32, 300, 500, 100);
        int threads = Math.min(2, Runtime.getRuntime().availableProcessors());
        Backend backend = open(Backend.cpu(threads));
        GraphGroup group = open(new GraphGroup(backend, Derivatives.Choice.NATIVE));
        GraphBuilder g = group.graph("product", 8);
        Tensor result = g.compute(g.multiplyMatrices(operands.matrix(), operands.x()));
        group.allocate();
        backend.compute(g.graph());
        float[] first = result.floats();
        for (int i = 0; i < 50; i++) {
            operands.x().set(i % 2 == 0 ? new float[operands.xNumbers().length] : operands.xNumbers());
            backend.compute(g.graph());
            assertThat(result.floats()).isEqualTo(i % 2 == 0 ? new float[first.length] : first);
        }
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.api.Assertions.within(1e-5);
    }

    private void assertProduct(Operands operands, Product product, boolean turned, int terms, int columns, int rows) {
        float[] found = compute(2, g -> product.of(g, operands.matrix(), operands.x()));
        double worst = 0;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                double sum = 0;
                double size = 0;
                for (int k = 0; k < terms; k++) {
                    double weight = operands.numbers()[turned ? k * columns + column : column * terms + k];
                    double part = weight * operands.xNumbers()[row * terms + k];
                    sum += part;
                    size += Math.abs(part);
                }
                worst = Math.max(worst, Math.abs(found[row * columns + column] - sum) / (size + 1e-30));
            }
        }
        assertThat(worst).isLessThan(1e-6);
    }

    private interface Product {
        Tensor of(GraphBuilder g, Tensor matrix, Tensor x);
    }

    private interface Building {
        Tensor build(GraphBuilder g);
    }

    private float[] compute(int threads, Building building) {
        int most = Math.min(threads, Runtime.getRuntime().availableProcessors());
        try (Backend backend = Backend.cpu(most);
                GraphGroup group = new GraphGroup(backend, Derivatives.Choice.NATIVE)) {
            GraphBuilder g = group.graph("product", 16);
            Tensor result = g.compute(building.build(g));
            group.allocate();
            backend.compute(g.graph());
            return result.floats();
        }
    }

    private Operands operands(GgmlType type, int width, int height, int rows) {
        return operands(type, width, height, rows, width);
    }

    private Operands operands(GgmlType type, int width, int height, int rows, int terms) {
        TensorContext context = open(new TensorContext(4));
        Backend backend = open(Backend.cpu(1));
        Tensor matrix = context.tensor("matrix", type, Shape.of(width, height));
        Tensor x = context.tensor("x", GgmlType.F32, Shape.of(terms, rows));
        open(backend.allocate(context, "operands"));
        SplittableRandom random = new SplittableRandom(type.ordinal() + 31L * width);
        float[] xNumbers = random(random, terms * rows);
        x.set(xNumbers);
        float[] numbers = random(random, width * height);
        return new Operands(matrix, store(type, matrix, numbers, width, height), x, xNumbers);
    }

    /** Writes the numbers in the type; what they became. */
    private static double[] store(GgmlType type, Tensor matrix, float[] numbers, int width, int height) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocateFrom(ValueLayout.JAVA_FLOAT, numbers);
            MemorySegment packed = arena.allocate(type.rowBytes(width) * height, 64);
            TensorCodec codec = new TensorCodec(type);
            codec.encode(floats, packed, height, width);
            matrix.setBytes(packed);
            codec.decode(packed, floats, numbers.length);
            float[] stored = floats.toArray(ValueLayout.JAVA_FLOAT);
            double[] exact = new double[stored.length];
            for (int i = 0; i < stored.length; i++) {
                exact[i] = stored[i];
            }
            return exact;
        }
    }

    private static float[] random(SplittableRandom random, int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextDouble(-1, 1);
        }
        return numbers;
    }

    private <T extends AutoCloseable> T open(T resource) {
        opened.add(resource);
        return resource;
    }
}
