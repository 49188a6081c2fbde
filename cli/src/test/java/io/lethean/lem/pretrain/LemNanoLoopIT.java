package io.lethean.lem.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbResult;
import io.lethean.lem.evaluation.ab.AbRunner;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.quantize.Fuse;
import io.lethean.lem.quantize.FuseOptions;
import io.lethean.lem.quantize.LogitParity;
import io.lethean.lem.train.LemTrainer;
import io.lethean.lem.train.TrainingEvent;
import io.lethean.lem.train.TrainingResult;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way on the committed model: A/B, train, merge, A/B again. */
class LemNanoLoopIT {

    private static final ModelOptions OPTIONS =
            ModelOptions.builder().device("cpu").threads(1).contextTokens(2048).build();
    private static final GenerationOptions SHORT =
            GenerationOptions.builder().maxTokens(24).build();

    @TempDir
    Path folder;

    @Test
    void trainedAndMerged_theModelAnswersOtherwise_andLikeBaseWithAdapter() throws IOException {
        AbResult before = benchmark(LemNanoIT.MODEL, "before.jsonl");
        TrainingResult trained = train();
        Path merged = folder.resolve("merged.gguf");
        Fuse.run(FuseOptions.of(LemNanoIT.MODEL, trained.adapter(), merged));
        AbResult after = benchmark(merged, "after.jsonl");

        assertThat(after.summary().conditions()).hasSize(2);
        assertThat(after.probes()).hasSameSizeAs(before.probes());
        assertThat(Files.readString(after.output())).isNotEqualTo(Files.readString(before.output()));
        LogitParity parity = parity(trained.adapter(), merged);
        assertThat(parity.divergence()).isLessThan(0.01);
        assertThat(parity.adapterPerplexity()).isNotEqualTo(parity.mergedPerplexity());
    }

    private AbResult benchmark(Path file, String output) throws IOException {
        try (LemModel model = LemModel.load(file, OPTIONS)) {
            AbPlan plan = new AbPlan(
                    ModelIdentity.of(file, LemModel.llamaCppVersion()),
                    List.of(Kernel.read("lek", Path.of("kernel/lek-1-kernel.txt"))),
                    ProbeFile.read(Path.of("seeds/P01-P20.json")).subList(0, 2),
                    SHORT);
            return new AbRunner(plan, () -> model, new RunListener() {}).run(folder.resolve(output), false);
        }
    }

    private TrainingResult train() throws IOException {
        List<String> lessons =
                Files.readAllLines(Path.of("training/train.jsonl")).subList(0, 4);
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.write(data.resolve("train.jsonl"), lessons);
        Files.write(data.resolve("valid.jsonl"), lessons.subList(0, 2));
        TrainingOptions options = TrainingOptions.builder(LemNanoIT.MODEL, data, folder.resolve("adapter"))
                .iterations(10)
                .batchSize(2)
                .learningRate(2e-3)
                .maskPrompt(true)
                .evalEvery(10)
                .threads(1)
                .seed(3)
                .build();
        List<TrainingEvent> events = new ArrayList<>();
        TrainingResult result = new LemTrainer(options).run(events::add, new Cancellation());
        List<TrainingEvent.Validated> losses = events.stream()
                .filter(TrainingEvent.Validated.class::isInstance)
                .map(TrainingEvent.Validated.class::cast)
                .toList();
        assertThat(losses.getLast().loss()).isLessThan(losses.getFirst().loss());
        return result;
    }

    private static LogitParity parity(Path adapter, Path merged) throws IOException {
        try (LemModel base = LemModel.load(LemNanoIT.MODEL, OPTIONS);
                LemModel other = LemModel.load(merged, OPTIONS)) {
            base.setAdapters(List.of(AdapterUse.of(adapter)));
            List<Integer> tokens = base.tokenize(LogitParity.SAMPLE_TEXT, true, false);
            return LogitParity.compare(
                    (sequence, rows) -> base.logitRows(tokens, rows),
                    (sequence, rows) -> other.logitRows(tokens, rows),
                    List.of(tokens.stream().mapToInt(Integer::intValue).toArray()));
        }
    }
}
