package io.lethean.lem.train;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.internal.engine.BatchShape;
import io.lethean.lem.model.Tokenizer;
import io.lethean.lem.train.dataset.MaskView;
import io.lethean.lem.train.dataset.SampleEncoder;
import io.lethean.lem.train.dataset.SampleSet;
import io.lethean.lem.train.dataset.TrainingData;
import io.lethean.lem.train.dataset.TrainingExample;
import io.lethean.lem.train.dataset.TrainingSample;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The data of a training as the model's tokens.
 *
 * @param train what is learned from
 * @param valid what the training is measured on; empty without validation data
 */
record Corpus(SampleSet train, Optional<SampleSet> valid) {

    /** Reads and encodes the folder that the options name. */
    static Corpus read(TrainingOptions options) throws IOException {
        TrainingData data = TrainingData.read(options.files().data());
        try (Tokenizer tokenizer = Tokenizer.load(options.files().model())) {
            SampleEncoder encoder = encoder(tokenizer, options);
            SampleSet train = select(encode(encoder, data.train()), options);
            return data.valid().isEmpty()
                    ? new Corpus(train, Optional.empty())
                    : new Corpus(train, Optional.of(select(encode(encoder, data.valid()), options)));
        }
    }

    /**
     * Reads and encodes the test data of the folder that the options name.
     *
     * @throws NoSuchFileException if they are missing
     */
    static SampleSet readTest(TrainingOptions options) throws IOException {
        Path file = options.files().data().resolve("test.jsonl");
        if (!Files.exists(file)) {
            throw new NoSuchFileException(
                    file.toString(),
                    null,
                    "The file " + file + " does not exist; a test needs it, with one example a line.");
        }
        try (Tokenizer tokenizer = Tokenizer.load(options.files().model())) {
            return select(encode(encoder(tokenizer, options), TrainingData.readFile(file)), options);
        }
    }

    /** The largest shape that any batch may have. */
    BatchShape largestBatch(TrainingOptions options) {
        BatchShape largest = new Batches(train, options).largest();
        return valid.map(set -> largest.max(new Batches(set, options).largest()))
                .orElse(largest);
    }

    /** The first samples as text, with the trained tokens marked. */
    static List<String> maskedText(TrainingOptions options, int count) throws IOException {
        List<TrainingExample> examples =
                TrainingData.read(options.files().data()).train();
        List<String> texts = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.load(options.files().model())) {
            SampleEncoder encoder = encoder(tokenizer, options);
            for (TrainingExample example : examples.subList(0, Math.min(count, examples.size()))) {
                texts.add(MaskView.of(encoder.encode(example), tokenizer::tokenBytes));
            }
        }
        return texts;
    }

    private static SampleEncoder encoder(Tokenizer tokenizer, TrainingOptions options) {
        return new SampleEncoder(
                tokenizer::applyTemplate,
                text -> tokenizer.encodeRendered(text).stream()
                        .mapToInt(Integer::intValue)
                        .toArray(),
                tokenizer.eos().orElse(SampleEncoder.NO_TOKEN),
                options.samples().maskPrompt());
    }

    private static List<TrainingSample> encode(SampleEncoder encoder, List<TrainingExample> examples)
            throws MalformedDataException {
        List<TrainingSample> samples = new ArrayList<>();
        for (TrainingExample example : examples) {
            samples.add(encoder.encode(example));
        }
        return samples;
    }

    private static SampleSet select(List<TrainingSample> samples, TrainingOptions options)
            throws MalformedDataException {
        return SampleSet.select(
                samples,
                options.samples().maxSequenceLength(),
                options.samples().truncate());
    }
}
