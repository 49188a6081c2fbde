package io.lethean.lem.model;

import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.llama.MemoryUse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A process that compares the memory that a model's context is predicted to take with what the process gains when it is
 * made and used. Arguments: a model, and settings as {@code contextTokens/parallel/heldPrompts/keys/values}.
 * Prints a row of a table for each.
 */
final class ContextMemory {

    private static final int SHORT_PROMPT = 40;
    private static final double MEBI = 1 << 20;

    private ContextMemory() {}

    /** Bytes that one setting is predicted to take, and that the process gained. */
    record Row(String setting, long cache, long predicted, long gained) {

        static Row parse(String line) {
            String[] cells = line.split("\\|");
            return new Row(cells[1].strip(), bytes(cells[2]), bytes(cells[3]), bytes(cells[4]));
        }

        private static long bytes(String cell) {
            return Math.round(Double.parseDouble(cell.strip().split(" ")[0]) * MEBI);
        }

        double ratio() {
            return (double) predicted / gained;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "| %s | %.1f MiB | %.1f MiB | %.1f MiB | %.3f |",
                    setting,
                    cache / MEBI,
                    predicted / MEBI,
                    gained / MEBI,
                    ratio());
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path file = Path.of(arguments[0]);
        gained(file, options("256/1/0/F16/F16"));
        System.out.println(
                "| contextTokens/parallel/heldPrompts/keys/values | KV cells | predicted in all | gained | ratio |");
        System.out.println("|---|---|---|---|---|");
        for (String setting : List.of(arguments).subList(1, arguments.length)) {
            ModelOptions options = options(setting);
            MemoryUse use = predicted(file, options);
            System.out.println(new Row(setting, use.cacheBytes(), use.hostBytes(true), gained(file, options)));
        }
    }

    private static ModelOptions options(String setting) {
        String[] values = setting.split("/");
        return ModelOptions.builder()
                .contextTokens(Integer.parseInt(values[0]))
                .parallel(Integer.parseInt(values[1]))
                .heldPrompts(Integer.parseInt(values[2]))
                .kvTypeK(KvType.valueOf(values[3]))
                .kvTypeV(KvType.valueOf(values[4]))
                .threads(1)
                .device("cpu")
                .build();
    }

    /** What loading would refuse if the memory were short of it, without the pages of the mapped file. */
    private static MemoryUse predicted(Path file, ModelOptions options) throws IOException {
        LoadPlan plan = new LoadPlanner(GgufFile.readModel(file), options, Devices.detect(), Long.MAX_VALUE).plan();
        return MemoryEstimator.estimate(plan).orElseThrow();
    }

    /** Memory of the process with the model loaded and used, less that before. */
    private static long gained(Path file, ModelOptions options) throws IOException, InterruptedException {
        ProcessMemory.now();
        long before = ProcessMemory.anonymousBytes();
        try (LemModel model = LemModel.load(file, options)) {
            int parallel = options.context().parallel();
            GenerationOptions few = GenerationOptions.builder().maxTokens(2).build();
            List<GenerationRequest.Tokens> requests = IntStream.range(0, parallel)
                    .mapToObj(i -> new GenerationRequest.Tokens(prompt(model, i), few))
                    .toList();
            model.generateAll(requests, (index, outcome) -> outcome.orThrow(), new Cancellation());
            ProcessMemory.now();
            return ProcessMemory.anonymousBytes() - before;
        }
    }

    /** One that fills its sequence, so that every intermediate result has its largest size, and short ones. */
    private static List<Integer> prompt(LemModel model, int number) {
        int length = number == 0 ? model.info().context().tokens() - 2 : SHORT_PROMPT;
        return IntStream.range(0, length).mapToObj(i -> 300 + (i + number) % 50).toList();
    }
}
