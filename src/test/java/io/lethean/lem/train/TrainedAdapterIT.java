package io.lethean.lem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.engine.LibllamaLogits;
import io.lethean.lem.internal.engine.SampleBatch;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.quantize.Fuse;
import io.lethean.lem.quantize.FuseOptions;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An adapter trained on a model with trained weights, in llama.cpp and merged.
 *
 * <p>{@code -Dlem.trained=FOLDER} checks a longer training: the folder holds its data as {@code d} and its adapter as
 * {@code a}, as {@code scripts/check-training} leaves them.
 */
class TrainedAdapterIT {

    private static final String MODEL = "models/stories260K-f32.gguf";

    @TempDir
    Path folder;

    @Test
    void theAdapterHasTheTrainersLossInLlamaCpp_andMergedItsLogits() throws IOException {
        String trained = System.getProperty("lem.trained");
        TrainingOptions options = trained == null
                ? train()
                : options(Path.of(trained)).maxSequenceLength(2048).build();
        Path adapter = options.files().adapterFolder().resolve("adapter.gguf");
        List<Map<String, Object>> validations =
                JsonLineReader.readAll(options.files().adapterFolder().resolve("events.jsonl")).stream()
                        .filter(event -> event.get("event").equals("valid"))
                        .toList();
        double first = ((Number) validations.getFirst().get("val_loss")).doubleValue();
        double last = ((Number) validations.getLast().get("val_loss")).doubleValue();
        Batches valid = new Batches(Corpus.read(options).valid().orElseThrow(), options);

        double inLlamaCpp = libllamaLoss(options, valid, adapter);
        double difference = mergedDifference(options, valid.batch(0), adapter);

        System.out.printf(
                "validation loss %.4f -> %.4f, in llama.cpp %.4f; merged logits differ by %.1e%n",
                first, last, inLlamaCpp, difference);
        assertThat(last).isLessThan(first - 0.2);
        assertThat(inLlamaCpp).isCloseTo(last, within(5e-4));
        assertThat(difference).isLessThan(2e-3);
    }

    private TrainingOptions train() throws IOException {
        Files.createDirectories(folder.resolve("d"));
        List<String> lines =
                Files.readAllLines(Fixtures.require("lem/training/valid.jsonl")).subList(0, 8);
        Files.write(folder.resolve("d/valid.jsonl"), lines);
        Files.write(folder.resolve("d/train.jsonl"), lines);
        TrainingOptions options = options(folder)
                .maxSequenceLength(160)
                .truncate(true)
                .iterations(12)
                .build();
        new LemTrainer(options).run();
        return options;
    }

    private static TrainingOptions.Builder options(Path folder) {
        return TrainingOptions.builder(Fixtures.require(MODEL), folder.resolve("d"), folder.resolve("a"))
                .batchSize(2)
                .learningRate(1e-3)
                .seed(7)
                .threads(1);
    }

    /** The validation's loss over the same batches. */
    private static double libllamaLoss(TrainingOptions options, Batches valid, Path adapter) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < Math.min(options.evaluation().validationBatches(), valid.perEpoch()); i++) {
            SampleBatch batch = valid.batch(i);
            count += batch.targetCount();
            sum += LibllamaLogits.summedLoss(options.files().model(), adapter, batch);
        }
        return sum / count;
    }

    private static int[] sequence(SampleBatch batch, int s) {
        int start = s * batch.tokensPerSequence();
        return Arrays.copyOfRange(batch.tokens(), start, start + batch.tokensPerSequence());
    }

    private double mergedDifference(TrainingOptions options, SampleBatch batch, Path adapter) throws IOException {
        Path merged = folder.resolve("merged.gguf");
        Fuse.run(FuseOptions.of(options.files().model(), adapter, merged));
        double worst = 0;
        for (int s = 0; s < batch.sequences(); s++) {
            float[][] one = LibllamaLogits.of(options.files().model(), adapter, sequence(batch, s));
            float[][] other = LibllamaLogits.of(merged, sequence(batch, s));
            for (int t = 0; t < one.length; t++) {
                for (int i = 0; i < one[t].length; i++) {
                    worst = Math.max(worst, Math.abs(one[t][i] - other[t][i]));
                }
            }
        }
        return worst;
    }
}
