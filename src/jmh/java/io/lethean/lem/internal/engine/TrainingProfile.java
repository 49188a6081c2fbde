package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.NodeTimes;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.train.options.Target;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Where the time of a training step goes, by kinds of operations. LoRA of rank 8 on all seven projections of all layers.
 *
 * <p>Each operation is computed as a graph of its own, several times; the least time of each counts, so that what else the
 * machine does hardly matters. Products include the low-rank updates that are added in the same operation. The last line compares the sum with a step as it is.
 *
 * <p>Arguments: {@code model=FILE sequences=4 tokens=391 threads=1 repeats=3 clock=wall|cpu}. Sequences have between 77 and
 * 100 % of the tokens, as lessons have. The processor's clock counts this thread alone and needs {@code threads=1}.
 */
public final class TrainingProfile {

    private static final int RANK = 8;

    /** Time and operations of one kind. */
    private static final class Kind {
        private double forward;
        private double backward;
        private double flops;
        private int count;

        private double all() {
            return forward + backward;
        }
    }

    private TrainingProfile() {}

    public static void main(String[] args) throws IOException {
        Map<String, String> given = Arrays.stream(args)
                .collect(Collectors.toMap(a -> a.substring(0, a.indexOf('=')), a -> a.substring(a.indexOf('=') + 1)));
        GgufFile model = GgufFile.read(Path.of(given.get("model")));
        int threads = Integer.parseInt(given.getOrDefault("threads", "1"));
        int repeats = Integer.parseInt(given.getOrDefault("repeats", "3"));
        LongSupplier clock = given.getOrDefault("clock", "wall").equals("cpu")
                ? ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime
                : System::nanoTime;
        EngineOptions options = EngineOptions.defaults().withThreads(threads);
        AdapterSpec adapter = new AdapterSpec(RANK, 2, Target.usual(), 0);
        Backend backend = Backend.cpu(threads);
        try (NodeTimes times = new NodeTimes(clock);
                TrainingEngine engine = TrainingEngine.open(model, adapter, options, 1, backend)) {
            SampleBatch batch = batch(
                    Integer.parseInt(given.getOrDefault("sequences", "4")),
                    Integer.parseInt(given.getOrDefault("tokens", "391")),
                    engine.spec().widths().vocabulary());
            step(engine, batch, 1);
            double whole = Double.MAX_VALUE;
            List<List<NodeTimes.Time>> runs = new ArrayList<>();
            for (int i = 0; i < repeats; i++) {
                long begin = clock.getAsLong();
                step(engine, batch, 2 + 2 * i);
                whole = Math.min(whole, (clock.getAsLong() - begin) / 1e6);
                backend.time(times);
                step(engine, batch, 3 + 2 * i);
                backend.time(null);
                runs.add(times.take());
            }
            System.out.printf(
                    Locale.ROOT,
                    "%s, %d tokens with %d targets, %d threads%n",
                    model.path().getFileName(),
                    tokens(batch),
                    batch.targetCount(),
                    threads);
            print(kinds(runs, engine.spec()), whole);
        }
    }

    private static void step(TrainingEngine engine, SampleBatch batch, int number) {
        engine.accumulate(batch);
        engine.step(OptimizerStep.adamW(1e-4f, number));
    }

    private static long tokens(SampleBatch batch) {
        return Arrays.stream(batch.tokens()).filter(token -> token != 0).count();
    }

    /** Padding is token 0. */
    private static SampleBatch batch(int sequences, int length, int vocabulary) {
        SplittableRandom random = new SplittableRandom(1);
        int padded = Math.ceilDiv(length, 32) * 32;
        int[] tokens = new int[sequences * padded];
        int[] targets = new int[tokens.length];
        Arrays.fill(targets, SampleBatch.NO_TARGET);
        for (int s = 0; s < sequences; s++) {
            int own = sequences == 1 ? length : (int) Math.round(length * (0.77 + 0.23 * s / (sequences - 1)));
            for (int t = 0; t < own; t++) {
                tokens[s * padded + t] = random.nextInt(1, vocabulary);
            }
            for (int t = own / 6; t < own - 1; t++) {
                targets[s * padded + t] = tokens[s * padded + t + 1];
            }
        }
        return new SampleBatch(padded, tokens, targets);
    }

    private static Map<String, Kind> kinds(List<List<NodeTimes.Time>> runs, DecoderSpec spec) {
        Map<String, Kind> kinds = new TreeMap<>();
        for (int i = 0; i < runs.getFirst().size(); i++) {
            NodeTimes.Time node = runs.getFirst().get(i);
            int at = i;
            double least =
                    runs.stream().mapToLong(run -> run.get(at).ticks()).min().orElseThrow() / 1e6;
            Kind kind = kinds.computeIfAbsent(name(node, spec), any -> new Kind());
            kind.count++;
            if (node.graph().startsWith("forward") || node.graph().equals("embedding")) {
                kind.forward += least;
            } else {
                kind.backward += least;
            }
            if (node.operation().equals("product")) {
                long terms =
                        node.first().n0() * node.first().n1() / node.result().n0();
                kind.flops += 2.0 * node.result().elements() * terms;
            }
        }
        return kinds;
    }

    private static String name(NodeTimes.Time node, DecoderSpec spec) {
        boolean hidden = node.result().n0() == spec.widths().hiddenSize();
        if (node.graph().equals("adamw")) {
            return "optimizer";
        }
        if (node.graph().equals("head")) {
            return node.operation().equals("product") ? "head: products" : "head: other";
        }
        return switch (node.operation()) {
            case "product" -> {
                long least = Math.min(
                        Math.min(node.result().n0(), node.result().n1()),
                        Math.min(node.first().n0(), node.first().n1()));
                yield least <= RANK ? "LoRA: products" : "products";
            }
            case "attention", "attention back", "sum of parts" -> "attention";
            case "ROPE", "ROPE_BACK" -> "rotation";
            case "RMS_NORM", "RMS_NORM_BACK" -> "norms";
            case "MUL" -> hidden ? "norms" : "activation";
            case "ADD" -> "sums";
            case "CONT", "CPY", "DUP" -> "copies";
            case "SCALE" -> node.result().n0() == RANK ? "LoRA: scale" : "other";
            case "GET_ROWS" -> "embedding";
            default -> "activation";
        };
    }

    private static void print(Map<String, Kind> kinds, double whole) {
        double sum = kinds.values().stream().mapToDouble(Kind::all).sum();
        System.out.printf(
                Locale.ROOT, "%-22s %9s %9s %7s %9s %6s%n", "kind", "forward", "backward", "share", "GFLOP/s", "nodes");
        kinds.entrySet().stream()
                .sorted(Comparator.comparingDouble(each -> -each.getValue().all()))
                .forEach(each -> {
                    Kind kind = each.getValue();
                    System.out.printf(
                            Locale.ROOT,
                            "%-22s %6.0f ms %6.0f ms %5.1f %% %9s %6d%n",
                            each.getKey(),
                            kind.forward,
                            kind.backward,
                            100 * kind.all() / sum,
                            kind.flops == 0 ? "" : String.format(Locale.ROOT, "%.0f", kind.flops / kind.all() / 1e6),
                            kind.count);
                });
        System.out.printf(
                Locale.ROOT,
                "sum %.0f ms; a step as it is, at least: %.0f ms; %.0f GFLOP/s of products%n",
                sum,
                whole,
                kinds.values().stream().mapToDouble(kind -> kind.flops).sum() / whole / 1e6);
    }
}
