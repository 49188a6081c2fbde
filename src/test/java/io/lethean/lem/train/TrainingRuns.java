package io.lethean.lem.train;

import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.train.options.LearningRateSchedule;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A training of seconds, in this process or in one of its own that can be killed. */
final class TrainingRuns {

    static final int ITERATIONS = 24;

    private static final int STANDSTILL_MILLIS = 600_000;

    private static final String SAMPLE =
            "{\"prompt\": \"What is %s?\", \"completion\": \"It is %s, and it is good.\"}%n";

    private TrainingRuns() {}

    /** Writes a model and data into a folder. */
    static void prepare(Path folder) throws IOException {
        RandomModel.llama(2, 32, 4, 2, 48, 400).write(folder.resolve("model.gguf"), 3);
        StringBuilder lines = new StringBuilder();
        for (String word : new String[] {"rain", "a river", "patience", "a very long afternoon", "ink", "the sea"}) {
            lines.append(SAMPLE.formatted(word, word));
        }
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("data/train.jsonl"), lines);
        Files.writeString(folder.resolve("data/valid.jsonl"), SAMPLE.formatted("salt", "salt"));
    }

    static TrainingOptions.Builder options(Path folder, String adapterFolder) {
        return TrainingOptions.builder(
                        folder.resolve("model.gguf"), folder.resolve("data"), folder.resolve(adapterFolder))
                .rank(2)
                .scale(4)
                .dropout(0.1)
                .layers(1)
                .iterations(ITERATIONS)
                .batchSize(2)
                .gradientAccumulation(2)
                .learningRate(1e-2)
                .schedule(LearningRateSchedule.COSINE)
                .warmupUpdates(3)
                .weightDecay(0.01)
                .clipNorm(1)
                .seed(7)
                .reportEvery(2)
                .evalEvery(4)
                .saveEvery(2)
                .threads(1);
    }

    /** Many iterations, each reported, with checkpoints that a kill mostly misses. */
    static TrainingOptions.Builder longOptions(Path folder, String adapterFolder, int iterations) {
        return options(folder, adapterFolder)
                .iterations(iterations)
                .reportEvery(1)
                .evalEvery(50)
                .saveEvery(6);
    }

    /**
     * Resumes a training of {@link #longOptions}. Arguments: the folder of {@link #prepare}, the name of the
     * adapter folder, iterations, milliseconds to wait after each, and optionally the iteration at which it stands still, so
     * that a kill does not come too late.
     */
    public static void main(String[] args) throws IOException {
        int millis = Integer.parseInt(args[3]);
        int standstill = args.length > 4 ? Integer.parseInt(args[4]) : Integer.MAX_VALUE;
        TrainingListener slow = event -> {
            if (event instanceof TrainingEvent.Progress) {
                sleep(event.iteration() < standstill ? millis : STANDSTILL_MILLIS);
            }
        };
        TrainingOptions options = longOptions(Path.of(args[0]), args[1], Integer.parseInt(args[2]))
                .build();
        new LemTrainer(options).resume(slow, new Cancellation());
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
