package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads PEFT's updates of experts.
 *
 * <p>transformers 5 keeps the experts of a layer in two parameters, {@code gate_up_proj} and {@code down_proj}, of one module.
 * PEFT wraps that module once for each of them, the first innermost, so that the number of {@code base_layer} in a name says
 * which parameter a factor is of. A is (experts * rank) x inputs with the rows of an expert together, B is outputs x (rank *
 * experts) with the columns of an expert apart. Before, each expert had modules of its own, with plain factors.
 *
 * <p>A is common to gate and up. Columns of the rank that only one of the two uses are left out of the other, which gives
 * back the two updates that were fused, with their own rank.
 */
final class PeftExpertReader {

    private static final Pattern STACK =
            Pattern.compile("((?:\\w+\\.)*layers\\.(\\d{1,4})\\.mlp\\.experts)((?:\\.base_layer){0,3})");

    private static final Pattern SINGLE = Pattern.compile(
            "(?:\\w+\\.)*layers\\.(\\d{1,4})\\.(?:mlp|block_sparse_moe)\\.experts\\.(\\d{1,6})\\.(\\w+)");

    private final Path file;
    private final PeftConfig config;
    private final ModelOutline model;
    private final PairCollector pairs;
    private final Map<Integer, Fused> fused = new TreeMap<>();
    private final Map<String, Map<Integer, Single>> single = new TreeMap<>();

    PeftExpertReader(Path file, PeftConfig config, ModelOutline model, PairCollector pairs) {
        this.file = file;
        this.config = config;
        this.model = model;
        this.pairs = pairs;
    }

    /** The update of {@code gate_up_proj} of a layer. */
    private static final class Fused {
        double scale;

        @Nullable
        Factor a;

        @Nullable
        Factor b;
    }

    /** The update of one projection of one expert. */
    private static final class Single {
        double scale;

        @Nullable
        Factor a;

        @Nullable
        Factor b;
    }

    /**
     * Takes a factor if it is of experts.
     *
     * @return whether it was
     */
    boolean take(String module, boolean isA, Factor factor) {
        Matcher stack = STACK.matcher(module);
        if (stack.matches()) {
            int depth = stack.group(3).length() / ".base_layer".length();
            takeStack(stack.group(1), Integer.parseInt(stack.group(2)), depth, isA, factor);
            return true;
        }
        Matcher one = SINGLE.matcher(module);
        String part = one.matches() ? ExpertNames.partOfProjection(one.group(3)).orElse(null) : null;
        if (part == null) {
            return false;
        }
        String tensor = TensorNames.tensor(Integer.parseInt(one.group(1)), part);
        takeSingle(tensor, Integer.parseInt(one.group(2)), module, isA, factor);
        return true;
    }

    private void takeStack(String module, int layer, int depth, boolean isA, Factor factor) {
        List<String> targeted = PeftConfig.STACKS.stream()
                .filter(parameter -> config.targets(module + "." + parameter))
                .toList();
        if (depth >= targeted.size()) {
            throw invalid(
                    "adapter-module",
                    "holds " + (depth + 1) + " updates of the parameters of " + module
                            + ", and the target_parameters of"
                            + " its configuration name " + targeted.size()
                            + " of them; weights and configuration do not belong together");
        }
        String parameter = targeted.get(targeted.size() - 1 - depth);
        boolean down = parameter.equals(PeftConfig.DOWN);
        String tensor = TensorNames.tensor(layer, down ? ExpertNames.DOWN : ExpertNames.GATE);
        int experts = experts(tensor);
        int rows = isA ? factor.rows() : factor.columns();
        if (rows % experts != 0) {
            throw invalid(
                    "adapter-shape",
                    "has a factor of " + module + "." + parameter + " of rank times experts = " + rows + ", and "
                            + model.name() + " has " + experts + " experts; the adapter was made for another model");
        }
        double scale = config.scale(module + "." + parameter, rows / experts);
        if (down) {
            takeDown(tensor, experts, isA, factor, scale);
        } else {
            takeFused(fused.computeIfAbsent(layer, key -> new Fused()), tensor, isA, factor, scale);
        }
    }

    private void takeDown(String tensor, int experts, boolean isA, Factor factor, double scale) {
        pairs.experts(tensor, experts);
        if (isA) {
            pairs.a(tensor, factor, scale);
        } else {
            pairs.b(tensor, together(factor, experts), scale);
        }
    }

    /** B with the columns of each expert together, one matrix after the other. */
    private static Factor together(Factor b, int experts) {
        int outputs = b.rows();
        int rank = b.columns() / experts;
        return b.picked(experts * outputs, rank, i -> {
            int row = i / rank;
            return row % outputs * b.columns() + i % rank * experts + row / outputs;
        });
    }

    private void takeFused(Fused both, String tensor, boolean isA, Factor factor, double scale) {
        if ((isA ? both.a : both.b) != null) {
            throw invalid("adapter-pair", "has a factor of the update of " + tensor + " twice");
        }
        both.scale = scale;
        if (isA) {
            both.a = factor;
        } else {
            both.b = factor;
        }
    }

    private void takeSingle(String tensor, int expert, String module, boolean isA, Factor factor) {
        int experts = experts(tensor);
        if (expert >= experts) {
            throw invalid(
                    "adapter-shape",
                    "updates the module " + module + ", and " + model.name() + " has " + experts
                            + " experts; the adapter was made for another model");
        }
        Single one =
                single.computeIfAbsent(tensor, key -> new TreeMap<>()).computeIfAbsent(expert, key -> new Single());
        if ((isA ? one.a : one.b) != null) {
            throw invalid("adapter-pair", "has a factor of the update of " + module + " twice");
        }
        one.scale = config.scale(module, isA ? factor.rows() : factor.columns());
        if (isA) {
            one.a = factor;
        } else {
            one.b = factor;
        }
    }

    /** The experts of a tensor in the model. */
    private int experts(String tensor) {
        return model.shape(tensor)
                .filter(shape -> shape.size() == 3)
                .map(shape -> Math.toIntExact(shape.get(2)))
                .orElseThrow(() -> invalid(
                        "adapter-tensor",
                        "updates experts, " + tensor + ", and " + model.name()
                                + " has no such tensor; it was made for another model"));
    }

    /** Passes on what needs several tensors of the file. */
    void finish() {
        fused.forEach(this::split);
        single.forEach(this::join);
    }

    private void split(int layer, Fused both) {
        String gate = TensorNames.tensor(layer, ExpertNames.GATE);
        Factor a = both.a;
        Factor b = both.b;
        int experts = experts(gate);
        if (a == null || b == null) {
            throw invalid(
                    "adapter-pair",
                    "has only the factor " + (a == null ? "B" : "A") + " of the update of " + gate
                            + "; the file is incomplete");
        }
        if (a.rows() != b.columns() || b.rows() % 2 != 0) {
            throw invalid(
                    "adapter-rank",
                    "updates " + gate + " and the up projection by factors that do not fit each other: " + a.rows()
                            + " rows of A, and " + b.rows() + " x " + b.columns() + " of B");
        }
        int[] ofGate = used(b, experts, false);
        int[] ofUp = used(b, experts, true);
        int[] all = IntStream.range(0, a.rows() / experts).toArray();
        boolean nothing = ofGate.length == 0 && ofUp.length == 0;
        put(gate, a, b, experts, false, nothing ? all : ofGate, both.scale);
        put(TensorNames.tensor(layer, ExpertNames.UP), a, b, experts, true, nothing ? all : ofUp, both.scale);
    }

    /** The columns of the rank in which B is not zero for one of the two projections. */
    private int[] used(Factor b, int experts, boolean up) {
        float[] values = b.values();
        int outputs = b.rows() / 2;
        IntPredicate isUsed = column -> {
            for (int output = 0; output < outputs; output++) {
                int start = ExpertNames.fusedRow(model, up, output, outputs) * b.columns() + column * experts;
                for (int i = start; i < start + experts; i++) {
                    if (values[i] != 0) {
                        return true;
                    }
                }
            }
            return false;
        };
        return IntStream.range(0, b.columns() / experts).filter(isUsed).toArray();
    }

    private void put(String tensor, Factor a, Factor b, int experts, boolean up, int[] columns, double scale) {
        if (columns.length == 0) {
            return;
        }
        int rank = columns.length;
        int fusedRank = a.rows() / experts;
        int inputs = a.columns();
        int outputs = b.rows() / 2;
        pairs.experts(tensor, experts);
        pairs.a(
                tensor,
                a.picked(experts * rank, inputs, i -> {
                    int row = i / inputs;
                    return (row / rank * fusedRank + columns[row % rank]) * inputs + i % inputs;
                }),
                scale);
        pairs.b(
                tensor,
                b.picked(experts * outputs, rank, i -> {
                    int row = i / rank;
                    int fusedRow = ExpertNames.fusedRow(model, up, row % outputs, outputs);
                    return fusedRow * b.columns() + columns[i % rank] * experts + row / outputs;
                }),
                scale);
    }

    /** Experts that the file does not name are not adapted: their factors are zeros. */
    private void join(String tensor, Map<Integer, Single> those) {
        int experts = experts(tensor);
        those.forEach((expert, one) -> requireWhole(tensor, expert, one));
        int rank =
                those.values().stream().mapToInt(one -> b(one).columns()).max().orElseThrow();
        Single first = those.values().iterator().next();
        int inputs = a(first).columns();
        int outputs = b(first).rows();
        double scale = first.scale;
        for (Single one : those.values()) {
            if (a(one).columns() != inputs || b(one).rows() != outputs) {
                throw invalid("adapter-shape", "updates the experts of " + tensor + " with different shapes");
            }
        }
        if ((long) experts * rank * Math.max(inputs, outputs) > Integer.MAX_VALUE - 8) {
            throw invalid("adapter-shape", "updates " + tensor + " with a rank of " + rank + ", which is too large");
        }
        boolean half = those.values().stream().allMatch(one -> a(one).isHalf() && b(one).isHalf())
                && those.values().stream().allMatch(one -> one.scale == scale);
        pairs.experts(tensor, experts);
        pairs.a(
                tensor,
                Factor.reading(experts * rank, inputs, half, (into, at) -> {
                    Arrays.fill(into, at, at + experts * rank * inputs, 0);
                    those.forEach((expert, one) -> a(one).copyTo(into, at + expert * rank * inputs));
                }),
                scale);
        pairs.b(
                tensor,
                Factor.reading(experts * outputs, rank, half, (into, at) -> {
                    Arrays.fill(into, at, at + experts * outputs * rank, 0);
                    those.forEach((expert, one) ->
                            copy(b(one), (float) (one.scale / scale), into, at + expert * outputs * rank, rank));
                }),
                scale);
    }

    private void requireWhole(String tensor, int expert, Single one) {
        if (one.a == null || one.b == null) {
            throw invalid(
                    "adapter-pair",
                    "has only the factor " + (one.a == null ? "B" : "A") + " of the update of expert " + expert + " of "
                            + tensor + "; the file is incomplete");
        }
        if (one.a.rows() != one.b.columns()) {
            throw invalid(
                    "adapter-rank",
                    "updates expert " + expert + " of " + tensor + " by factors of different rank: " + one.a.rows()
                            + " for A and " + one.b.columns() + " for B");
        }
    }

    private static Factor a(Single one) {
        return Objects.requireNonNull(one.a);
    }

    private static Factor b(Single one) {
        return Objects.requireNonNull(one.b);
    }

    /** Puts a matrix, multiplied, into rows that may be longer. */
    private static void copy(Factor b, float factor, float[] into, int at, int rank) {
        float[] values = b.values();
        for (int i = 0; i < values.length; i++) {
            into[at + i / b.columns() * rank + i % b.columns()] = factor * values[i];
        }
    }

    private InvalidModelException invalid(String rule, String what) {
        return new InvalidModelException(rule, file + " " + what + ".");
    }
}
