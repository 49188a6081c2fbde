package io.lethean.lem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterFormat;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.internal.engine.LibllamaLogits;
import io.lethean.lem.internal.engine.SampleBatch;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.quantize.Fuse;
import io.lethean.lem.quantize.FuseOptions;
import io.lethean.lem.quantize.LogitParity;
import io.lethean.lem.quantize.MergeParity;
import io.lethean.lem.train.options.FineTuneType;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Trainings of DoRA, from data on disk to the merged model. */
class DoraIT {

    @TempDir
    Path folder;

    private final List<TrainingEvent> events = new ArrayList<>();

    @BeforeEach
    void prepare() throws IOException {
        TrainingRuns.prepare(folder);
    }

    private TrainingOptions.Builder options(String adapterFolder) {
        return TrainingRuns.options(folder, adapterFolder).fineTuneType(FineTuneType.DORA);
    }

    private TrainingResult train(TrainingOptions.Builder options) throws IOException {
        return new LemTrainer(options.build()).run(events::add, new Cancellation());
    }

    private List<Double> validationLosses() {
        return events.stream()
                .filter(TrainingEvent.Validated.class::isInstance)
                .map(event -> ((TrainingEvent.Validated) event).loss())
                .toList();
    }

    @Test
    void trainingOfDoraLearns_andMergedHasItsLossInLlamaCpp() throws IOException {
        TrainingOptions options = options("a").dropout(0).build();
        TrainingResult result = new LemTrainer(options).run(events::add, new Cancellation());
        List<Double> losses = validationLosses();
        assertThat(losses.getLast()).isLessThan(losses.getFirst() - 1);
        Adapter adapter = AdapterFiles.readGguf(result.adapter());
        assertThat(adapter.pairs()).hasSize(7).allMatch(pair -> pair.hasMagnitude());

        Path merged = folder.resolve("merged.gguf");
        Fuse.run(FuseOptions.of(options.files().model(), result.adapter(), merged));
        Batches valid = new Batches(Corpus.read(options).valid().orElseThrow(), options);
        assertThat(loss(merged, valid.batch(0))).isCloseTo(losses.getLast(), within(1e-4));
        // llama.cpp cannot apply the adapter, so the merge is compared with the exact one.
        LogitParity parity = new MergeParity("What is rain? It is rain, and it is good.", 1)
                .compare(options.files().model(), List.of(AdapterUse.of(result.adapter())), merged);
        assertThat(parity.divergence()).isLessThan(1e-9);
        assertThat(parity.positions()).isGreaterThan(5);
        assertThat(loss(options.files().model(), valid.batch(0))).isCloseTo(losses.getFirst(), within(1e-4));
    }

    /** The loss of a batch in llama.cpp. */
    private static double loss(Path model, SampleBatch batch) {
        return LibllamaLogits.summedLoss(model, null, batch) / batch.targetCount();
    }

    @Test
    void cancelledTraining_resumesToTheSameBytes() throws IOException {
        TrainingResult undisturbed = train(options("a"));
        Cancellation cancellation = new Cancellation();
        new LemTrainer(options("b").build())
                .run(
                        event -> {
                            if (event instanceof TrainingEvent.Progress && event.iteration() >= 10) {
                                cancellation.cancel();
                            }
                        },
                        cancellation);
        TrainingResult resumed = new LemTrainer(options("b").build()).resume(events::add, new Cancellation());
        assertThat(resumed.adapter()).hasSameBinaryContentAs(undisturbed.adapter());
    }

    @ParameterizedTest
    @EnumSource(
            value = AdapterFormat.class,
            names = {"PEFT", "MLX"})
    void adapterInAnotherFormatMergesToTheSameBytes_andIsTrainedFurther(AdapterFormat format) throws IOException {
        Path model = folder.resolve("model.gguf");
        TrainingResult trained = train(options("a"));
        double last = validationLosses().getLast();
        Path converted = folder.resolve("converted");
        AdapterFiles.convert(trained.adapter(), ModelOutline.read(model), format, converted, "base");

        Fuse.run(FuseOptions.of(model, trained.adapter(), folder.resolve("one.gguf")));
        Fuse.run(FuseOptions.of(model, converted, folder.resolve("other.gguf")));
        assertThat(folder.resolve("other.gguf")).hasSameBinaryContentAs(folder.resolve("one.gguf"));

        events.clear();
        train(further(converted, FineTuneType.DORA));
        assertThat(validationLosses().getFirst()).isEqualTo(last);
        assertThatThrownBy(() -> train(further(converted, FineTuneType.LORA)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fine-tune type is given as lora")
                .hasMessageContaining("is one of dora; use the type dora");
    }

    @Test
    void plainAdapterIsNotTheStartOfDora() throws IOException {
        TrainingResult plain = train(TrainingRuns.options(folder, "plain"));
        assertThatThrownBy(() -> train(further(plain.adapter(), FineTuneType.DORA)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is one of lora; use the type lora");
    }

    private TrainingOptions.Builder further(Path adapter, FineTuneType type) {
        return options("further")
                .fineTuneType(type)
                .rank(0)
                .scale(0)
                .layers(0)
                .targets(Set.of())
                .resumeAdapterFile(adapter)
                .iterations(2);
    }

    @Test
    void modelRefusesAnAdapterOfDora_inEachFormat_andSaysHowToMergeIt() throws IOException {
        Path model = folder.resolve("model.gguf");
        TrainingResult trained = train(options("a").iterations(2));
        Path peft = folder.resolve("peft");
        AdapterFiles.convert(trained.adapter(), ModelOutline.read(model), AdapterFormat.PEFT, peft, "base");
        try (LemModel loaded = LemModel.load(
                model, ModelOptions.builder().threads(1).contextTokens(256).build())) {
            for (Path adapter : List.of(trained.adapter(), peft)) {
                assertThatThrownBy(() -> loaded.setAdapters(List.of(AdapterUse.of(adapter))))
                        .isInstanceOf(InvalidModelException.class)
                        .hasMessageContaining("is one of DoRA")
                        .hasMessageContaining("lem fuse --model MODEL --adapter-path ADAPTER --save-path FILE");
            }
        }
    }

    @Test
    void testLossIsThatOfTheResult() throws IOException {
        java.nio.file.Files.copy(folder.resolve("data/valid.jsonl"), folder.resolve("data/test.jsonl"));
        TrainingOptions options = options("a").build();
        new LemTrainer(options).run(events::add, new Cancellation());
        TrainingEvent.Tested tested = new LemTrainer(options).test(TrainingOptions.ALL, events::add);
        assertThat(tested.loss()).isEqualTo(validationLosses().getLast());
    }
}
