package io.lethean.lem.train;

import io.lethean.lem.TrainingException;
import io.lethean.lem.internal.engine.AdapterSpec;
import io.lethean.lem.internal.engine.EngineOptions;
import io.lethean.lem.internal.engine.LossSum;
import io.lethean.lem.internal.engine.TrainingEngine;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.train.dataset.SampleSet;
import io.lethean.lem.train.options.FineTuneType;
import io.lethean.lem.train.options.TrainingFiles;
import io.lethean.lem.train.options.TrainingOptions;
import io.lethean.lem.train.options.TuningOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * The loss of a training's result on test data.
 *
 * @param options of the training
 * @param result the adapter, or the model if all weights were trained
 */
record ResultLoss(TrainingOptions options, Path result) {

    /** @param batches how many at most; {@link TrainingOptions#ALL} for all */
    LossSum over(int batches) throws IOException {
        if (!Files.exists(result)) {
            throw new TrainingException("There is no result to test: " + result + " does not exist; train first.");
        }
        TrainingOptions tested = tested();
        SampleSet set = Corpus.readTest(tested);
        GgufFile model = GgufFile.readModel(tested.files().model());
        EngineOptions engineOptions =
                EngineOptions.defaults().withThreads(options.resources().threadsOrDefault());
        Batches test = new Batches(set, tested);
        int count = batches == TrainingOptions.ALL ? test.perEpoch() : Math.min(batches, test.perEpoch());
        try (TrainingEngine engine = open(model, tested, engineOptions)) {
            LossSum loss = LossSum.NONE;
            for (int i = 0; i < count; i++) {
                loss = loss.plus(engine.evaluate(test.batch(i)));
            }
            return loss;
        }
    }

    /** A whole model is tested as it is; a new adapter changes nothing. */
    private TrainingOptions tested() {
        boolean whole = options.tuning().fineTuneType() == FineTuneType.FULL;
        TrainingFiles files = options.files();
        return new TrainingOptions(
                new TrainingFiles(whole ? result : files.model(), files.data(), files.adapterFolder()),
                whole
                        ? TuningOptions.defaults()
                        : new TuningOptions(options.tuning().fineTuneType(), 0, 0, 0, 0, Set.of(), result),
                options.batch(),
                options.optimizer(),
                options.seed(),
                options.samples(),
                options.evaluation(),
                options.resources());
    }

    private static TrainingEngine open(GgufFile model, TrainingOptions tested, EngineOptions engineOptions)
            throws IOException {
        StartingAdapter start = StartingAdapter.of(tested.tuning(), model).orElse(null);
        TrainingOptions complete = start == null ? tested : start.completed(tested);
        TrainingEngine engine = TrainingEngine.open(
                model, AdapterSpec.of(complete.tuning(), layers(model)), engineOptions, tested.seed());
        if (start != null) {
            start.loadInto(engine.adapter());
        }
        return engine;
    }

    private static int layers(GgufFile model) {
        return (int)
                model.metadata().integer(model.metadata().ownKey("block_count")).orElse(0);
    }
}
