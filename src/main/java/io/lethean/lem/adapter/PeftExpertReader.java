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
    private final Map<Integer, Update> fused = new TreeMap<>();
    private final Map<String, Map<Integer, Update>> single = new TreeMap<>();

    PeftExpertReader(Path file, PeftConfig config, ModelOutline model, PairCollector pairs) {
        this.file = file;
        this.config = config;
        this.model = model;
        this.pairs = pairs;
    }

    /** The factors of one update of the file: of {@code gate_up_proj} of a layer, or of one projection of one expert. */
    private final class Update {

        private final String name;
        private double scale;

        @Nullable
        private Factor a;

        @Nullable
        private Factor b;

        /** @param name for people */
        Update(String name) {
            this.name = name;
        }

        /** @param from the tensor or the module that the file names */
        void take(String from, boolean isA, Factor factor, double itsScale) {
            if ((isA ? a : b) != null) {
                throw invalid("adapter-pair", "has a factor of the update of " + from + " twice");
            }
            scale = itsScale;
            if (isA) {
                a = factor;
            } else {
                b = factor;
            }
        }

        /** Refuses an update that lacks a factor. */
        void requireWhole() {
            if (a == null || b == null) {
                throw invalid(
                        "adapter-pair",
                        "has only the factor " + (a == null ? "B" : "A") + " of the update of " + name
                                + "; the file is incomplete");
            }
        }

        Factor a() {
            return Objects.requireNonNull(a);
        }

        Factor b() {
            return Objects.requireNonNull(b);
        }
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
            fused.computeIfAbsent(layer, key -> new Update(tensor)).take(tensor, isA, factor, scale);
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

    private void takeSingle(String tensor, int expert, String module, boolean isA, Factor factor) {
        int experts = experts(tensor);
        if (expert >= experts) {
            throw invalid(
                    "adapter-shape",
                    "updates the module " + module + ", and " + model.name() + " has " + experts
                            + " experts; the adapter was made for another model");
        }
        single.computeIfAbsent(tensor, key -> new TreeMap<>())
                .computeIfAbsent(expert, key -> new Update("expert " + expert + " of " + tensor))
                .take(module, isA, factor, config.scale(module, isA ? factor.rows() : factor.columns()));
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

    private void split(int layer, Update both) {
        both.requireWhole();
        String gate = TensorNames.tensor(layer, ExpertNames.GATE);
        Factor a = both.a();
        Factor b = both.b();
        int experts = experts(gate);
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
    private void join(String tensor, Map<Integer, Update> those) {
        int experts = experts(tensor);
        those.values().forEach(this::requireEqualRanks);
        int rank =
                those.values().stream().mapToInt(one -> one.b().columns()).max().orElseThrow();
        Update first = those.values().iterator().next();
        int inputs = first.a().columns();
        int outputs = first.b().rows();
        double scale = first.scale;
        for (Update one : those.values()) {
            if (one.a().columns() != inputs || one.b().rows() != outputs) {
                throw invalid("adapter-shape", "updates the experts of " + tensor + " with different shapes");
            }
        }
        if ((long) experts * rank * Math.max(inputs, outputs) > Integer.MAX_VALUE - 8) {
            throw invalid("adapter-shape", "updates " + tensor + " with a rank of " + rank + ", which is too large");
        }
        boolean half = those.values().stream()
                        .allMatch(one -> one.a().isHalf() && one.b().isHalf())
                && those.values().stream().allMatch(one -> one.scale == scale);
        pairs.experts(tensor, experts);
        pairs.a(
                tensor,
                Factor.reading(experts * rank, inputs, half, (into, at) -> {
                    Arrays.fill(into, at, at + experts * rank * inputs, 0);
                    those.forEach((expert, one) -> one.a().copyTo(into, at + expert * rank * inputs));
                }),
                scale);
        pairs.b(
                tensor,
                Factor.reading(experts * outputs, rank, half, (into, at) -> {
                    Arrays.fill(into, at, at + experts * outputs * rank, 0);
                    those.forEach((expert, one) ->
                            copy(one.b(), (float) (one.scale / scale), into, at + expert * outputs * rank, rank));
                }),
                scale);
    }

    private void requireEqualRanks(Update one) {
        one.requireWhole();
        if (one.a().rows() != one.b().columns()) {
            throw invalid(
                    "adapter-rank",
                    "updates " + one.name + " by factors of different rank: "
                            + one.a().rows() + " for A and " + one.b().columns() + " for B");
        }
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
