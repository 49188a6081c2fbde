package io.lethean.lem.train;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.internal.engine.BatchShape;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.train.dataset.MaskView;
import io.lethean.lem.train.dataset.SampleEncoder;
import io.lethean.lem.train.dataset.SampleSet;
import io.lethean.lem.train.dataset.TrainingData;
import io.lethean.lem.train.dataset.TrainingExample;
import io.lethean.lem.train.dataset.TrainingSample;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
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
    static Corpus read(TrainingOptions options, GgufFile file) throws IOException {
        TrainingData data = TrainingData.read(options.files().data());
        try (LemModel model = open(options)) {
            SampleEncoder encoder = encoder(model, file, options);
            SampleSet train = select(encode(encoder, data.train()), options);
            return data.valid().isEmpty()
                    ? new Corpus(train, Optional.empty())
                    : new Corpus(train, Optional.of(select(encode(encoder, data.valid()), options)));
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
        try (LemModel model = open(options)) {
            SampleEncoder encoder = encoder(model, GgufFile.read(options.files().model()), options);
            for (TrainingExample example : examples.subList(0, Math.min(count, examples.size()))) {
                texts.add(MaskView.of(encoder.encode(example), model::tokenBytes));
            }
        }
        return texts;
    }

    /** For its tokenizer and template only. */
    private static LemModel open(TrainingOptions options) throws IOException {
        return LemModel.load(
                options.files().model(),
                ModelOptions.builder()
                        .device("cpu")
                        .contextTokens(256)
                        .batchTokens(256)
                        .threads(1)
                        .build());
    }

    private static SampleEncoder encoder(LemModel model, GgufFile file, TrainingOptions options) {
        int end = (int) file.metadata().integer("tokenizer.ggml.eos_token_id").orElse(SampleEncoder.NO_TOKEN);
        int beginning =
                (int) file.metadata().integer("tokenizer.ggml.bos_token_id").orElse(SampleEncoder.NO_TOKEN);
        return new SampleEncoder(
                model::render,
                text -> tokens(model, text, beginning),
                end,
                options.samples().maskPrompt());
    }

    /** A template may bring the token that begins a text, which the tokenizer then adds again. */
    private static int[] tokens(LemModel model, String text, int beginning) {
        List<Integer> tokens = model.tokenize(text, true, true);
        boolean twice = tokens.size() > 1 && tokens.get(0) == beginning && tokens.get(1) == beginning;
        return tokens.stream().skip(twice ? 1 : 0).mapToInt(Integer::intValue).toArray();
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
