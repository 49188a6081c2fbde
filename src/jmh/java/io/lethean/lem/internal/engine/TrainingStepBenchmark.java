package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_batch;
import io.lethean.lem.internal.ffi.llama_context_params;
import io.lethean.lem.internal.ffi.llama_model_params;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.train.options.Target;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The cost of a training step compared with a forward pass alone, and with {@code llama_decode} of the same tokens.
 *
 * <p>Four layers of width 640, a vocabulary of 32,000, q8_0, LoRA of rank 8 on q, v, o, gate, up and down, two
 * sequences of 256 tokens of which 288 count. The three are measured in turn, so that what else the machine does hits
 * all alike.
 *
 * <p>Arguments: {@code arch=gemma3|llama threads=1 pairs=10 recomputed=0 clock=wall|cpu}. The
 * processor's clock counts this thread alone; with one thread it says what a quiet machine would.
 */
public final class TrainingStepBenchmark {

    private static final int LENGTH = 256;
    private static final int PROMPT = 111;
    private static final int LAYERS = 4;
    private static final int VOCABULARY = 32_000;
    private static final AdapterSpec ADAPTER =
            new AdapterSpec(8, 2, EnumSet.of(Target.Q, Target.V, Target.O, Target.GATE, Target.UP, Target.DOWN), 0);

    private static boolean processorClock;

    private TrainingStepBenchmark() {}

    public static void main(String[] args) throws IOException {
        Map<String, String> given = Arrays.stream(args)
                .collect(Collectors.toMap(a -> a.substring(0, a.indexOf('=')), a -> a.substring(a.indexOf('=') + 1)));
        processorClock = given.getOrDefault("clock", "wall").equals("cpu");
        int threads = Integer.parseInt(given.getOrDefault("threads", "1"));
        EngineOptions options = EngineOptions.defaults()
                .withThreads(threads)
                .withTabledGelu(true)
                .withRecomputedLayers(Integer.parseInt(given.getOrDefault("recomputed", "0")));
        Path folder = Files.createTempDirectory("lem-benchmark");
        Path model = folder.resolve("model.gguf");
        Path expanded = folder.resolve("expanded.gguf");
        try {
            write(given.getOrDefault("arch", "gemma3"), model);
            System.out.println(given.getOrDefault("arch", "gemma3") + " " + options);
            run(GgufFile.read(model), expanded, options, Integer.parseInt(given.getOrDefault("pairs", "10")));
        } finally {
            Files.deleteIfExists(model);
            Files.deleteIfExists(expanded);
            Files.delete(folder);
        }
    }

    private static void run(GgufFile model, Path expanded, EngineOptions options, int pairs) throws IOException {
        SampleBatch batch = batch();
        MemoryEstimate estimate = MemoryEstimate.of(model, ADAPTER, BatchShape.of(batch), options);
        try (TrainingEngine engine = TrainingEngine.open(model, ADAPTER, options, 1);
                Decode decode = new Decode(model.path(), options.threads())) {
            measure(engine, decode, batch, pairs);
            System.out.printf(
                    Locale.ROOT,
                    "predicted %s%nallocated %.0f MB: prediction is %.1f %% off%n",
                    estimate,
                    engine.memoryBytes() / 1e6,
                    100.0 * (estimate.total() - engine.memoryBytes()) / engine.memoryBytes());
            System.out.println("peak of the process, Java and llama_decode included: " + peak());
            engine.adapter().initialize(1);
            System.out.printf(
                    Locale.ROOT,
                    "worst cosine with the gradients of the expanded model %.9f%n",
                    cosine(engine, new ModelExcerpt(model, LAYERS, VOCABULARY).writeExpanded(expanded), options));
        }
    }

    /** With B at zero only B has gradients; they still pass through every transpose. */
    private static double cosine(TrainingEngine engine, GgufFile expanded, EngineOptions options) throws IOException {
        EngineOptions exactOptions = options.withTabledGelu(false);
        double worst = 1;
        try (TrainingEngine exact = TrainingEngine.open(expanded, ADAPTER, exactOptions, 1)) {
            exact.accumulate(batch());
            engine.accumulate(batch());
            for (int i = 1; i < exact.adapter().parameters().size(); i += 2) {
                float[] one = exact.adapter().parameters().get(i).gradient().floats();
                float[] other = engine.adapter().parameters().get(i).gradient().floats();
                worst = Math.min(worst, dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other)));
            }
        }
        return worst;
    }

    private static double dot(float[] x, float[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (double) x[i] * y[i];
        }
        return sum;
    }

    private static String peak() throws IOException {
        Path status = Path.of("/proc/self/status");
        return !Files.exists(status)
                ? "unknown here"
                : Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("VmHWM:"))
                        .findFirst()
                        .orElse("VmHWM: unknown")
                        .substring(6)
                        .strip();
    }

    private static void write(String architecture, Path path) throws IOException {
        if (architecture.equals("llama")) {
            RandomModel.llama(LAYERS, 640, 4, 1, 2048, VOCABULARY)
                    .type(GgmlType.Q8_0)
                    .write(path, 1);
            return;
        }
        RandomModel.gemma3(LAYERS, 640, 4, 1, 2048, VOCABULARY)
                .headSize(256)
                .slidingWindow(128)
                .type(GgmlType.Q8_0)
                .writer(1)
                .put("gemma3.attention.sliding_window_pattern", GgufValue.uint32(2))
                .write(path);
    }

    private static SampleBatch batch() {
        int[] tokens = new SplittableRandom(1).ints(2 * LENGTH, 300, VOCABULARY).toArray();
        int[] targets = new int[2 * LENGTH];
        for (int row = 0; row < targets.length; row++) {
            int t = row % LENGTH;
            targets[row] = t >= PROMPT && t < LENGTH - 1 ? tokens[row + 1] : SampleBatch.NO_TARGET;
        }
        return new SampleBatch(LENGTH, tokens, targets);
    }

    private static void measure(TrainingEngine engine, Decode decode, SampleBatch batch, int pairs) {
        List<double[]> rounds = new ArrayList<>();
        for (int round = 0; round <= pairs; round++) {
            int number = round + 1;
            rounds.add(new double[] {
                time(() -> engine.evaluate(batch).sum()),
                time(() -> {
                    engine.accumulate(batch);
                    return engine.step(OptimizerStep.adamW(1e-4f, number));
                }),
                time(() -> decode.run(batch))
            });
        }
        rounds.removeFirst();
        System.out.printf(
                Locale.ROOT, "%d tokens, %d targets, %d pairs%n", batch.tokens().length, batch.targetCount(), pairs);
        System.out.printf(
                Locale.ROOT,
                "forward %.0f ms, step %.0f ms, llama_decode %.0f ms (medians)%n",
                median(rounds, r -> r[0]),
                median(rounds, r -> r[1]),
                median(rounds, r -> r[2]));
        System.out.printf(
                Locale.ROOT,
                "step / forward %.2f, step / llama_decode %.2f (medians of pairs)%n",
                median(rounds, r -> r[1] / r[0]),
                median(rounds, r -> r[1] / r[2]));
        System.out.printf(Locale.ROOT, "%.0f tokens/s%n", 1000.0 * batch.tokens().length / median(rounds, r -> r[1]));
    }

    private static double median(List<double[]> rounds, ToDoubleFunction<double[]> of) {
        double[] sorted = rounds.stream().mapToDouble(of).sorted().toArray();
        return (sorted[sorted.length / 2] + sorted[(sorted.length - 1) / 2]) / 2;
    }

    /** Milliseconds. */
    private static double time(DoubleSupplier work) {
        long start = processorClock ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() : System.nanoTime();
        if (Double.isNaN(work.getAsDouble())) {
            throw new IllegalStateException("The result is not a number.");
        }
        long end = processorClock ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() : System.nanoTime();
        return (end - start) / 1e6;
    }

    /** llama.cpp's forward pass over the same tokens, with logits for the counted rows alone. */
    private static final class Decode implements AutoCloseable {

        private final Arena arena = Arena.ofConfined();
        private final MemorySegment model;
        private final MemorySegment context;

        private Decode(Path path, int threads) {
            MemorySegment modelParams = LlamaCpp.llama_model_default_params(arena);
            llama_model_params.n_gpu_layers(modelParams, 0);
            model = LlamaCpp.llama_model_load_from_file(arena.allocateFrom(path.toString()), modelParams);
            MemorySegment params = LlamaCpp.llama_context_default_params(arena);
            llama_context_params.n_ctx(params, 2 * LENGTH);
            llama_context_params.n_batch(params, 2 * LENGTH);
            llama_context_params.n_ubatch(params, 2 * LENGTH);
            llama_context_params.n_seq_max(params, 2);
            llama_context_params.n_threads(params, threads);
            llama_context_params.n_threads_batch(params, threads);
            context = LlamaCpp.llama_init_from_model(model, params);
        }

        private double run(SampleBatch batch) {
            LlamaCpp.llama_memory_clear(LlamaCpp.llama_get_memory(context), true);
            int n = batch.tokens().length;
            MemorySegment native_ = LlamaCpp.llama_batch_init(arena, n, 0, 1);
            llama_batch.n_tokens(native_, n);
            for (int row = 0; row < n; row++) {
                llama_batch
                        .token(native_)
                        .reinterpret(4L * n)
                        .setAtIndex(ValueLayout.JAVA_INT, row, batch.tokens()[row]);
                llama_batch.pos(native_).reinterpret(4L * n).setAtIndex(ValueLayout.JAVA_INT, row, row % LENGTH);
                llama_batch.n_seq_id(native_).reinterpret(4L * n).setAtIndex(ValueLayout.JAVA_INT, row, 1);
                llama_batch
                        .seq_id(native_)
                        .reinterpret(8L * n)
                        .getAtIndex(ValueLayout.ADDRESS, row)
                        .reinterpret(4)
                        .set(ValueLayout.JAVA_INT, 0, row / LENGTH);
                llama_batch.logits(native_).reinterpret(n).set(ValueLayout.JAVA_BYTE, row, (byte)
                        (batch.targets()[row] < 0 ? 0 : 1));
            }
            int status = LlamaCpp.llama_decode(context, native_);
            LlamaCpp.llama_batch_free(native_);
            return status == 0
                    ? LlamaCpp.llama_get_logits(context).reinterpret(4).get(ValueLayout.JAVA_FLOAT, 0)
                    : Double.NaN;
        }

        @Override
        public void close() {
            LlamaCpp.llama_free(context);
            LlamaCpp.llama_model_free(model);
            arena.close();
        }
    }
}
