package io.lethean.lem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lethean.lem.Fixtures;
import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.TrainingException;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.internal.engine.AdapterSpec;
import io.lethean.lem.internal.engine.BatchShape;
import io.lethean.lem.internal.engine.EngineOptions;
import io.lethean.lem.internal.engine.LossSum;
import io.lethean.lem.internal.engine.MemoryEstimate;
import io.lethean.lem.internal.engine.TrainableState;
import io.lethean.lem.internal.engine.TrainingEngine;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.internal.io.Sha256;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.train.options.FineTuneType;
import io.lethean.lem.train.options.TrainingFiles;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings of a random model of a few thousand numbers, from data on disk to adapter on disk. */
class LemTrainerIT {

    @TempDir
    Path folder;

    private final List<TrainingEvent> events = new ArrayList<>();

    @BeforeEach
    void prepare() throws IOException {
        TrainingRuns.prepare(folder);
    }

    private TrainingOptions.Builder options(String adapterFolder) {
        return TrainingRuns.options(folder, adapterFolder);
    }

    private TrainingResult run(TrainingOptions.Builder options) throws IOException {
        return new LemTrainer(options.build()).run(events::add, new Cancellation());
    }

    private TrainingResult resume(TrainingOptions.Builder options) throws IOException {
        return new LemTrainer(options.build()).resume(events::add, new Cancellation());
    }

    private <T extends TrainingEvent> List<T> events(Class<T> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    @Test
    void modelThatTheTrainingWouldOverwrite_isRefused_underAnyName() throws IOException {
        Path adapters = Files.createDirectories(folder.resolve("a"));
        Path best = Files.copy(folder.resolve("model.gguf"), adapters.resolve("best.gguf"));
        Path elsewhere = Files.createSymbolicLink(folder.resolve("linked.gguf"), best);
        byte[] before = Files.readAllBytes(best);

        for (Path model : List.of(best, elsewhere)) {
            TrainingOptions inside = options("a")
                    .files(new TrainingFiles(model, folder.resolve("data"), adapters))
                    .build();
            assertThatThrownBy(() -> new LemTrainer(inside).run())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("The input " + model + " is the file " + best + " in the adapter folder, which a"
                            + " training may overwrite; choose another adapter folder.");
        }
        assertThat(best).hasBinaryContent(before);
        assertThat(adapters).isDirectoryContaining(best::equals).isDirectoryNotContaining(other -> !other.equals(best));
    }

    @Test
    void aTrainingLearnsAndWritesWhatItSays() throws IOException {
        TrainingResult result = run(options("a"));

        assertThat(result.end()).isEqualTo(TrainingEnd.COMPLETE);
        assertThat(result.iterations()).isEqualTo(TrainingRuns.ITERATIONS);
        List<TrainingEvent.Validated> valid = events(TrainingEvent.Validated.class);
        assertThat(valid).hasSize(7);
        assertThat(valid.getLast().loss()).isLessThan(valid.getFirst().loss() - 1);
        assertThat(result.bestLoss())
                .isEqualTo(valid.stream()
                        .mapToDouble(TrainingEvent.Validated::loss)
                        .min()
                        .orElseThrow());
        List<TrainingEvent.Progress> progress = events(TrainingEvent.Progress.class);
        assertThat(progress).hasSize(12);
        assertThat(progress.getLast().loss()).isLessThan(progress.getFirst().loss());
        assertThat(progress.get(1).learningRate()).isEqualTo(1e-2 * 2 / 3);
        ModelOutline model = ModelOutline.read(folder.resolve("model.gguf"));
        assertThat(AdapterFiles.read(result.adapter(), model).pairs()).hasSize(7);
        assertThat(result.bestAdapter())
                .hasValueSatisfying(best -> assertThat(best).exists());
        assertThat(folder.resolve("a/checkpoint-0000024.gguf")).exists();
        assertThat(folder.resolve("a/checkpoint-0000022.gguf")).exists();
        assertThat(folder.resolve("a/checkpoint-0000020.gguf")).doesNotExist();
        List<Map<String, Object>> log = JsonLineReader.readAll(folder.resolve("a/events.jsonl"));
        assertThat(log)
                .hasSize((int) events.stream().filter(TrainingEvent::isLogged).count());
        assertThat(events(TrainingEvent.Updated.class)).hasSize(TrainingRuns.ITERATIONS / 2);
        assertThat(log.getFirst()).containsEntry("event", "started").containsEntry("samples", 6L);
        assertThat(log.getLast()).containsEntry("event", "finished").containsEntry("end", "complete");
    }

    @Test
    void sameSeedGivesTheSameBytes_andAnotherSeedOthers() throws IOException {
        String first = Sha256.of(run(options("a").iterations(4)).adapter());
        String again = Sha256.of(run(options("b").iterations(4)).adapter());
        String other = Sha256.of(run(options("c").iterations(4).seed(8)).adapter());

        assertThat(again).isEqualTo(first);
        assertThat(other).isNotEqualTo(first);
    }

    @Test
    void dropoutChangesWhatIsLearned() throws IOException {
        String with = Sha256.of(run(options("a").iterations(4)).adapter());
        String without = Sha256.of(run(options("b").iterations(4).dropout(0)).adapter());

        assertThat(with).isNotEqualTo(without);
        assertThatThrownBy(() -> resume(options("a").iterations(4).dropout(0)))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("dropout was 0.1 and is 0.0");
    }

    @Test
    void littleMemory_isMetByAnotherWay_whichAResumedTrainingKeepsTo() throws IOException {
        RandomModel.llama(6, 32, 4, 2, 48, 400).write(folder.resolve("model.gguf"), 3);
        run(options("a").layers(6).iterations(2));
        assertThat(events(TrainingEvent.Started.class).getLast().memory()).endsWith("activations are kept");
        TrainingOptions options = options("b").layers(6).build();
        MemoryEstimate kept = MemoryEstimate.of(
                GgufFile.read(options.files().model()),
                AdapterSpec.of(options.tuning(), 6),
                new BatchShape(2, 96, false),
                EngineOptions.defaults());
        run(options("b").layers(6).iterations(2).maxMemoryBytes((long) (kept.total() / 0.9) - 100));
        assertThat(events(TrainingEvent.Started.class).getLast().memory())
                .contains("may be used: activations are computed again, because the fastest way needs ");
        assertThat(JsonLineReader.readAll(folder.resolve("b/events.jsonl"))
                        .getFirst()
                        .get("memory"))
                .isEqualTo(events(TrainingEvent.Started.class).getLast().memory());

        resume(options("b").layers(6).iterations(2));
        assertThat(events(TrainingEvent.Started.class).getLast().memory()).endsWith("activations are computed again");
        assertThatThrownBy(() -> run(options("c").maxMemoryBytes(100_000)))
                .isInstanceOf(InsufficientMemoryException.class)
                .hasMessageContaining("on 2 sequences of 96 tokens needs at least");
    }

    @Test
    void cancelledTraining_goesOnToTheSameBytes() throws IOException {
        String undisturbed = Sha256.of(run(options("a")).adapter());
        Cancellation cancellation = new Cancellation();
        TrainingResult cancelled = new LemTrainer(options("b").build())
                .run(
                        event -> {
                            if (event instanceof TrainingEvent.Progress && event.iteration() >= 10) {
                                cancellation.cancel();
                            }
                        },
                        cancellation);

        assertThat(cancelled.end()).isEqualTo(TrainingEnd.CANCELLED);
        assertThat(cancelled.iterations()).isEqualTo(10);
        assertThat(folder.resolve("b/adapter.gguf")).doesNotExist();
        TrainingResult result = resume(options("b"));
        assertThat(result.end()).isEqualTo(TrainingEnd.COMPLETE);
        assertThat(Sha256.of(result.adapter())).isEqualTo(undisturbed);
        assertThat(events(TrainingEvent.Started.class).getLast().iteration()).isEqualTo(10);
    }

    @Test
    void allWeights_areTrainedByTheSameLoop_andGoOnToTheSameBytesAfterACancel() throws IOException {
        TrainingResult whole = run(full("a"));
        Cancellation cancellation = new Cancellation();
        new LemTrainer(full("b").build())
                .run(
                        event -> {
                            if (event instanceof TrainingEvent.Progress && event.iteration() >= 10) {
                                cancellation.cancel();
                            }
                        },
                        cancellation);

        assertThat(whole.adapter()).isEqualTo(folder.resolve("a/model.gguf"));
        assertThat(folder.resolve("b/model.gguf")).doesNotExist();
        assertThat(folder.resolve("b/0000010_model.gguf")).exists();
        assertThat(Sha256.of(resume(full("b")).adapter())).isEqualTo(Sha256.of(whole.adapter()));
        List<TrainingEvent.Validated> valid = events(TrainingEvent.Validated.class);
        assertThat(valid.getLast().loss()).isLessThan(valid.getFirst().loss() - 1);
        assertThat(events(TrainingEvent.Started.class).getFirst().trainableParameters())
                .isEqualTo(RandomModel.llama(2, 32, 4, 2, 48, 400).parameterCount());
        assertThatThrownBy(() -> resume(options("b")))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("fine-tune-type was full and is lora");
    }

    private TrainingOptions.Builder full(String adapterFolder) {
        return options(adapterFolder).fineTuneType(FineTuneType.FULL).dropout(0);
    }

    @Test
    void validationDoesNotChangeWhatIsLearned() throws IOException {
        String often = Sha256.of(run(options("a").evalEvery(1)).adapter());
        Files.delete(folder.resolve("data/valid.jsonl"));
        TrainingResult never = run(options("b"));

        assertThat(Sha256.of(never.adapter())).isEqualTo(often);
        assertThat(never.bestAdapter()).isEmpty();
    }

    @Test
    void epochsAreAsManyIterationsAsTheyHaveBatches() throws IOException {
        assertThat(run(options("a").epochs(2)).iterations()).isEqualTo(6);
    }

    @Test
    void validationsThatDoNotGetBetter_endTheTraining() throws IOException {
        TrainingResult result = run(options("a").learningRate(0).patience(2));

        assertThat(result.end()).isEqualTo(TrainingEnd.EARLY_STOP);
        assertThat(result.iterations()).isEqualTo(8);
        assertThat(result.bestIteration()).isZero();
        assertThat(result.adapter()).exists();
    }

    @Test
    void checkpointOfAnotherTraining_isRefusedByNameOfTheDifference() throws IOException {
        run(options("a").iterations(4));

        assertThatThrownBy(() ->
                        resume(options("a").iterations(4).learningRate(2e-2).rank(3)))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("rank was 2 and is 3, learning-rate was 0.01 and is 0.02");
        Files.writeString(folder.resolve("data/train.jsonl"), "{\"text\": \"Something else.\"}\n");
        assertThatThrownBy(() -> resume(options("a").iterations(4)))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("train.jsonl has changed")
                .hasMessageNotContaining("model");
        RandomModel.llama(2, 32, 4, 2, 48, 400).write(folder.resolve("model.gguf"), 4);
        assertThatThrownBy(() -> resume(options("a").iterations(4)))
                .hasMessageContaining("the model file has changed, train.jsonl has changed");
    }

    @Test
    void folderOfAnotherTraining_isNotOverwritten() throws IOException {
        String adapter = Sha256.of(run(options("a").iterations(2)).adapter());

        assertThatThrownBy(() -> run(options("a").iterations(2).seed(8)))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("holds a training already (checkpoint-0000002.gguf)");
        assertThat(Sha256.of(folder.resolve("a/adapter.gguf"))).isEqualTo(adapter);
    }

    @Test
    void folderInUse_isRefused() throws IOException {
        try (AdapterFolder held = AdapterFolder.open(folder.resolve("a"), FineTuneType.LORA)) {
            assertThatThrownBy(() -> resume(options("a")))
                    .isInstanceOf(TrainingException.class)
                    .hasMessageStartingWith("Another training is writing to " + folder.resolve("a"));
            assertThat(held.newest()).isEmpty();
        }
    }

    @Test
    void divergence_isAnErrorThatNamesTheLastGoodState() throws IOException {
        Throwable failure = catchThrowable(
                () -> run(options("a").learningRate(1e5).warmupUpdates(0).clipNorm(0)));

        assertThat(failure)
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("smaller learning rate than 100000.0");
        Matcher said = Pattern.compile("diverged at iteration (\\d+): .*The last good state is in .*-(\\d+)\\.gguf\\.")
                .matcher(failure.getMessage());
        assertThat(said.find()).as(failure.getMessage()).isTrue();
        int diverged = Integer.parseInt(said.group(1));
        assertThat(Integer.parseInt(said.group(2)))
                .as("the state that was seen to give a loss")
                .isEqualTo(diverged - 3);
        assertThat(folder.resolve(String.format(Locale.ROOT, "a/checkpoint-%07d.gguf", diverged - 3)))
                .exists();
        assertThat(folder.resolve(String.format(Locale.ROOT, "a/checkpoint-%07d.gguf", diverged - 1)))
                .doesNotExist();
        assertThat(folder.resolve("a/adapter.gguf")).doesNotExist();
    }

    @Test
    void collapseToGuessing_isDivergenceToo_andTheStateBeforeItIsKept() throws IOException {
        Path model = Fixtures.require("models/stories260K-f32.gguf");
        Files.write(
                folder.resolve("data/train.jsonl"), Files.readAllLines(Fixtures.require("lem/training/valid.jsonl")));
        // The learning rate rises by 0.005 with every update, far beyond what this model bears.
        TrainingOptions.Builder collapsing = TrainingOptions.builder(model, folder.resolve("data"), folder.resolve("a"))
                .learningRate(5)
                .warmupUpdates(1000)
                .validationBatches(1)
                .evalEvery(1000)
                .maxSequenceLength(64)
                .truncate(true)
                .batchSize(1)
                .iterations(100)
                .saveEvery(1)
                .threads(1);

        Throwable failure = catchThrowable(() -> run(collapsing));

        assertThat(failure)
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("the loss of the last 8 iterations was that of guessing, 6.2, or worse");
        Matcher said = Pattern.compile("diverged at iteration (\\d+): .*The last good state is in .*-(\\d+)\\.gguf\\.")
                .matcher(failure.getMessage());
        assertThat(said.find()).as(failure.getMessage()).isTrue();
        int good = Integer.parseInt(said.group(2));
        assertThat(good).isLessThanOrEqualTo(Integer.parseInt(said.group(1)) - 9);
        assertThat(folder.resolve("a").toFile().list((dir, name) -> name.startsWith("checkpoint-")))
                .containsExactly(String.format(Locale.ROOT, "checkpoint-%07d.gguf", good));
        assertThat(Checkpoint.read(folder.resolve(String.format(Locale.ROOT, "a/checkpoint-%07d.gguf", good)))
                        .state()
                        .guessing())
                .isZero();
    }

    @Test
    void checkpointThatCannotBeWritten_leavesTheOneBefore() throws IOException {
        Files.createDirectories(folder.resolve("a/checkpoint-0000006.gguf/in the way"));

        assertThatThrownBy(() -> run(options("a")))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("checkpoint-0000006.gguf could not be written after iteration 6")
                .hasMessageContaining("resume it from checkpoint-0000004.gguf");
        assertThat(Checkpoint.read(folder.resolve("a/checkpoint-0000004.gguf"))
                        .state()
                        .iteration())
                .isEqualTo(4);
        assertThat(folder.resolve("a").toFile().list()).noneMatch(name -> name.endsWith(".part"));
    }

    @Test
    void gradientsBeyondSinglePrecision_areComputedAgainWithASmallerScale() throws IOException {
        TrainingOptions options = options("a").build();
        GgufFile model = GgufFile.read(options.files().model());
        Corpus corpus = Corpus.read(options);
        RunFacts facts = RunFacts.of(model, List.of(), options, EngineOptions.defaults());
        RunState huge = RunState.START.withLossScale(0x1p126f);
        try (AdapterFolder a = AdapterFolder.open(options.files().adapterFolder(), FineTuneType.LORA);
                TrainingEngine engine = TrainingEngine.open(
                        model,
                        AdapterSpec.of(options.tuning(), 2),
                        EngineOptions.defaults().withLossScale(0x1p126f),
                        options.seed())) {
            new TrainingLoop(options, engine, a, corpus, facts, huge, events::add, new Cancellation()).run();

            assertThat(engine.lossScale()).isLessThan(0x1p126f).isGreaterThan(1);
            assertThat(Checkpoint.read(a.newest().orElseThrow()).state().lossScale())
                    .isEqualTo(engine.lossScale());
        }
        List<TrainingEvent.Validated> valid = events(TrainingEvent.Validated.class);
        assertThat(valid.getLast().loss()).isLessThan(valid.getFirst().loss() - 1);
    }

    @Test
    void checkpointKeepsEveryBit() throws IOException {
        TrainableState adapter = new TrainableState(List.of(new TrainableState.Numbers(
                "blk.0.attn_q.weight.lora_a",
                new float[] {1, -0f, Float.MIN_VALUE},
                new float[] {Float.MAX_VALUE, 3, 4},
                new float[] {5, 6, 7e-20f})));
        RunState state =
                new RunState(9, 1.5, 256, 4, 1L << 40, new LossSum(Math.PI, 11), Double.POSITIVE_INFINITY, 2, 1, 3);
        Checkpoint written = new Checkpoint(state, new RunFacts(Map.of("rank", "8")), adapter);

        written.write(folder.resolve("c.gguf"));
        Checkpoint read = Checkpoint.read(folder.resolve("c.gguf"));

        assertThat(read.state()).isEqualTo(state);
        assertThat(read.facts()).isEqualTo(written.facts());
        TrainableState.Numbers matrix = read.trained().tensors().getFirst();
        assertThat(matrix.name()).isEqualTo("blk.0.attn_q.weight.lora_a");
        assertThat(matrix.values()).containsExactly(1, -0f, Float.MIN_VALUE);
        assertThat(matrix.m()).containsExactly(Float.MAX_VALUE, 3, 4);
        assertThat(matrix.v()).containsExactly(5, 6, 7e-20f);
    }
}
