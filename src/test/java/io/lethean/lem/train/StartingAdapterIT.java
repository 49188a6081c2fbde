package io.lethean.lem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.TrainingException;
import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterFormat;
import io.lethean.lem.adapter.Factor;
import io.lethean.lem.adapter.LoraPair;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.internal.engine.TrainableState;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.train.options.FineTuneType;
import io.lethean.lem.train.options.Target;
import io.lethean.lem.train.options.TrainingFiles;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings that start from the adapter of another training. */
class StartingAdapterIT {

    @TempDir
    Path folder;

    private final List<TrainingEvent> events = new ArrayList<>();
    private Path first = Path.of("");

    @BeforeEach
    void train() throws IOException {
        TrainingRuns.prepare(folder);
        first = new LemTrainer(TrainingRuns.options(folder, "first").build())
                .run(events::add, new Cancellation())
                .adapter();
    }

    /** Other data and another schedule, and only the adapter decides rank, scale, layers and targets. */
    private TrainingOptions.Builder second(String adapterFolder, Path start) throws IOException {
        Files.createDirectories(folder.resolve("other"));
        Files.writeString(
                folder.resolve("other/train.jsonl"),
                "{\"prompt\": \"Where is it?\", \"completion\": \"It is in the garden.\"}\n".repeat(3));
        Files.writeString(folder.resolve("other/valid.jsonl"), Files.readString(folder.resolve("data/valid.jsonl")));
        return TrainingOptions.builder(
                        folder.resolve("model.gguf"), folder.resolve("other"), folder.resolve(adapterFolder))
                .resumeAdapterFile(start)
                .iterations(6)
                .batchSize(2)
                .learningRate(5e-3)
                .seed(11)
                .saveEvery(2)
                .reportEvery(1)
                .threads(1);
    }

    private TrainingResult run(TrainingOptions.Builder options) throws IOException {
        return new LemTrainer(options.build()).run(events::add, new Cancellation());
    }

    private <T extends TrainingEvent> T last(Class<T> type) {
        return events.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .reduce((one, other) -> other)
                .orElseThrow();
    }

    private double firstLoss(TrainingOptions.Builder options) throws IOException {
        List<TrainingEvent> own = new ArrayList<>();
        new LemTrainer(options.build()).run(own::add, new Cancellation());
        return own.stream()
                .filter(TrainingEvent.Validated.class::isInstance)
                .map(TrainingEvent.Validated.class::cast)
                .findFirst()
                .orElseThrow()
                .loss();
    }

    @Test
    void trainingFromAnAdapterFile_equalsContinuingFromTheseWeights_toTheByte() throws IOException {
        TrainingResult fromFile = run(second("from-file", first));

        // This training with the weights of the first one's checkpoint and no adapter file on the way.
        RunFacts facts = Checkpoint.read(folder.resolve("from-file/checkpoint-0000006.gguf"))
                .facts();
        TrainableState weights =
                Checkpoint.read(folder.resolve("first/checkpoint-0000024.gguf")).trained();
        Path checkpoint =
                Files.createDirectories(folder.resolve("from-weights")).resolve("checkpoint-0000000.gguf");
        new Checkpoint(RunState.START, facts, withoutMoments(weights)).write(checkpoint);
        TrainingResult fromWeights =
                new LemTrainer(second("from-weights", first).build()).resume(events::add, new Cancellation());

        assertThat(fromFile.adapter()).hasSameBinaryContentAs(fromWeights.adapter());
        assertThat(fromFile.iterations()).isEqualTo(6);
        assertThat(Files.readAllBytes(fromFile.adapter())).isNotEqualTo(Files.readAllBytes(first));
    }

    private static TrainableState withoutMoments(TrainableState state) {
        return new TrainableState(state.tensors().stream()
                .map(t -> new TrainableState.Numbers(
                        t.name(), t.values(), new float[t.m().length], new float[t.v().length]))
                .toList());
    }

    @Test
    void firstLoss_isThatOfBaseAndAdapter_inEachFormat() throws IOException {
        double loss = last(TrainingEvent.Validated.class).loss();
        ModelOutline model = ModelOutline.read(folder.resolve("model.gguf"));
        Adapter adapter = AdapterFiles.read(first, model);
        AdapterFiles.write(adapter, model, AdapterFormat.PEFT, folder.resolve("peft"), "base");
        AdapterFiles.write(adapter, model, AdapterFormat.MLX, folder.resolve("mlx"), "base");

        assertThat(firstLoss(second("a", first))).isEqualTo(loss);
        assertThat(firstLoss(second("b", folder.resolve("peft")))).isEqualTo(loss);
        assertThat(firstLoss(second("c", folder.resolve("mlx")))).isEqualTo(loss);
        assertThat(firstLoss(second("d", first).resumeAdapterFile(null))).isNotEqualTo(loss);
    }

    @Test
    void rankScaleLayersAndTargets_areThoseOfTheFile() throws IOException {
        TrainingResult result = run(second("a", first));

        ModelOutline model = ModelOutline.read(folder.resolve("model.gguf"));
        Adapter before = AdapterFiles.read(first, model);
        Adapter after = AdapterFiles.read(result.adapter(), model);
        assertThat(after.alpha()).isEqualTo(before.alpha()).isEqualTo(8);
        assertThat(after.pairs())
                .extracting(LoraPair::tensor)
                .isEqualTo(before.pairs().stream().map(LoraPair::tensor).toList());
        assertThat(after.pairs()).allMatch(pair -> pair.rank() == 2);
        assertThat(last(TrainingEvent.Started.class).start()).isEqualTo(first + " (rank 2, scale 4.0, 7 matrices)");
    }

    /** A rank without an exact root: PEFT computes the scale from alpha and rank, and we store it. */
    @Test
    void rsLora_isTrainedAndSaved_asPeftUnderstandsIt() throws IOException {
        TrainingResult result = run(TrainingRuns.options(folder, "rs").rank(3).alpha(6, true));
        ModelOutline model = ModelOutline.read(folder.resolve("model.gguf"));
        Adapter adapter = AdapterFiles.read(result.adapter(), model);
        double loss = last(TrainingEvent.Validated.class).loss();
        assertThat(adapter.scale(adapter.pairs().getFirst())).isEqualTo((float) (6 * Math.sqrt(3)) / 3);

        Path peft = folder.resolve("rs-peft");
        AdapterFiles.write(adapter, model, AdapterFormat.PEFT, peft, "base");
        Path config = peft.resolve("adapter_config.json");
        String plain = Files.readString(config);
        String stabilized = plain.replaceAll("\"lora_alpha\"\\s*:\\s*[0-9.]+", "\"lora_alpha\": 6")
                .replaceAll("\"use_rslora\"\\s*:\\s*false", "\"use_rslora\": true");
        assertThat(stabilized).contains("\"lora_alpha\": 6", "\"use_rslora\": true");

        assertThat(firstLoss(second("e", peft))).isEqualTo(loss);
        Files.writeString(config, stabilized);
        assertThat(firstLoss(second("f", peft))).isEqualTo(loss);
    }

    @Test
    void optionsThatContradictTheAdapter_areRefusedWithBothValues() throws IOException {
        assertContradiction(second("a", first).rank(4), "The rank is given as 4, and the adapter ", " has 2;");
        assertContradiction(second("a", first).scale(20), "The scale is given as 20.0", " has 4.0;");
        assertContradiction(second("a", first).layers(-1), "The number of layers is given as 2", " has 1;");
        assertContradiction(
                second("a", first).targets(Set.of(Target.Q)),
                "The set of targets is given as [q]",
                " has [q, k, v, o, gate, up, down];");
        assertThat(run(second("a", first).rank(2).scale(4).layers(1)).iterations())
                .isEqualTo(6);
        assertThatThrownBy(
                        () -> second("b", first).fineTuneType(FineTuneType.FULL).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("only a training of an adapter starts from one");
    }

    private void assertContradiction(TrainingOptions.Builder options, String given, String found) {
        assertThatThrownBy(() -> run(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(given, first.toString(), found);
        assertThat(folder.resolve("a")).doesNotExist();
    }

    @Test
    void nanInTheAdapter_isRefusedByTensor() throws IOException {
        Adapter adapter = AdapterFiles.readGguf(first);
        LoraPair pair = adapter.pairs().get(2);
        float[] values = pair.b().values();
        values[3] = Float.NaN;
        List<LoraPair> pairs = new ArrayList<>(adapter.pairs());
        pairs.set(2, new LoraPair(pair.tensor(), pair.a(), Factor.of(pair.outputs(), pair.rank(), values)));
        Path broken = folder.resolve("nan.gguf");
        AdapterFiles.writeGguf(Adapter.of(adapter.architecture(), adapter.alpha(), pairs), broken);

        assertThatThrownBy(() -> run(second("a", broken)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContainingAll(
                        "A training cannot start from " + broken, "the value 3 of " + pair.tensor() + ".lora_b is NaN");
        assertThat(folder.resolve("a")).doesNotExist();
    }

    @Test
    void adapterOfAnotherBaseOrForm_isRefusedByName() throws IOException {
        Path other = folder.resolve("wider.gguf");
        RandomModel.llama(2, 64, 4, 2, 48, 400).write(other, 3);
        Path data = second("a", first).build().files().data();
        assertThatThrownBy(() -> run(second("a", first).files(new TrainingFiles(other, data, folder.resolve("a")))))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContainingAll(
                        "A training cannot start from " + first, "wider.gguf", "made for another model");

        Adapter adapter = AdapterFiles.readGguf(first);
        Path partly = folder.resolve("partly.gguf");
        LoraPair down = adapter.pair("blk.1.ffn_down.weight").orElseThrow();
        LoraPair up = adapter.pair("blk.1.ffn_up.weight").orElseThrow();
        LoraPair lower = new LoraPair("blk.0.ffn_up.weight", up.a(), up.b());
        AdapterFiles.writeGguf(Adapter.of("llama", 8, List.of(lower, down)), partly);
        assertThatThrownBy(() -> run(second("a", partly)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("it does not update blk.0.ffn_down.weight; a training adapts the same matrices");
    }

    @Test
    void anotherAdapterToStartFrom_isAnotherTraining() throws IOException {
        run(second("a", first));
        Path changed = folder.resolve("first/0000010_adapter.gguf");

        assertThatThrownBy(() -> new LemTrainer(second("a", changed).build()).resume(events::add, new Cancellation()))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("the adapter to start from has changed");
        Path copy = Files.copy(first, folder.resolve("copy.gguf"));
        assertThat(new LemTrainer(second("a", copy).build())
                        .resume(events::add, new Cancellation())
                        .iterations())
                .isEqualTo(6);
    }

    @Test
    void adapterThatTheTrainingWouldOverwrite_isRefused() throws IOException {
        byte[] before = Files.readAllBytes(first);

        assertThatThrownBy(() -> run(second("first", first)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("The input " + first + " is the file " + first + " in the adapter folder");
        assertThat(first).hasBinaryContent(before);
    }
}
