package io.lethean.lem.pretrain;

import io.lethean.lem.TrainingException;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.gguf.RandomVocabulary;
import io.lethean.lem.internal.io.AtomicFile;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.pretrain.Document.Part;
import io.lethean.lem.quantize.Quantize;
import io.lethean.lem.quantize.QuantizeOptions;
import io.lethean.lem.train.LemTrainer;
import io.lethean.lem.train.TrainingEnd;
import io.lethean.lem.train.TrainingListener;
import io.lethean.lem.train.TrainingResult;
import io.lethean.lem.train.options.FineTuneType;
import io.lethean.lem.train.options.LearningRateSchedule;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Makes a model from text alone: tokenizer, random first weights, training of all of them with the loop that
 * trains adapters, and a measurement on held-out text.
 *
 * <p>The same text, options and seed give the same file, on one thread and one kind of processor.
 */
public final class Pretraining {

    /** Of samples made of paragraphs; conversations are as long as they are. */
    private static final int SAMPLE_BYTES = 1200;

    /** The smoothing of the bigram, added to each count. */
    private static final double ADDED = 0.1;

    private static final int WARMUP_UPDATES = 100;

    private final PretrainOptions options;
    private final Path data;
    private final Path first;
    private final Path run;

    public Pretraining(PretrainOptions options) {
        this.options = options;
        data = options.files().workFolder().resolve("data");
        first = options.files().workFolder().resolve("first.gguf");
        run = options.files().workFolder().resolve("run");
    }

    /**
     * Trains the model, or resumes its training, and writes it.
     *
     * @return the result; empty if it was cancelled; calling this again resumes it
     * @throws io.lethean.lem.MalformedDataException naming the line of a malformed example
     * @throws TrainingException if there is too little text to split, and as {@link LemTrainer#resume}
     * @throws IOException if a file cannot be read or written
     */
    public Optional<PretrainReport> run(TrainingListener listener, Cancellation cancellation) throws IOException {
        Map<Part, List<Document>> parts =
                split(new TextReader(SAMPLE_BYTES).read(options.files().texts()));
        Files.createDirectories(data);
        writeSamples(parts);
        writeFirstModel(
                BytePairTrainer.train(texts(parts, Part.TRAIN), options.shape().vocabulary()));
        TrainingResult result = new LemTrainer(training()).resume(listener, cancellation);
        if (result.end() == TrainingEnd.CANCELLED) {
            return Optional.empty();
        }
        Quantize.run(QuantizeOptions.of(result.adapter(), options.files().output(), "q8_0"));
        return Optional.of(report(result, parts));
    }

    private Map<Part, List<Document>> split(List<Document> documents) {
        Map<Part, List<Document>> parts = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            parts.put(
                    part,
                    documents.stream()
                            .distinct()
                            .filter(each -> each.part(options.seed()) == part)
                            .toList());
            if (parts.get(part).isEmpty()) {
                throw new TrainingException("The texts " + options.files().texts() + " hold " + documents.size()
                        + " documents, which are too few to hold some out for validation and for measuring.");
            }
        }
        return parts;
    }

    private void writeSamples(Map<Part, List<Document>> parts) throws IOException {
        for (Map.Entry<Part, List<Document>> part : parts.entrySet()) {
            StringBuilder lines = new StringBuilder();
            part.getValue()
                    .forEach(document -> document.samples().forEach(sample -> {
                        boolean repeated = part.getKey() == Part.TRAIN && !sample.plain();
                        lines.append((sample.toJson() + "\n")
                                .repeat(repeated ? options.schedule().conversationRepeats() : 1));
                    }));
            AtomicFile.writeText(file(part.getKey()), lines.toString());
        }
    }

    private Path file(Part part) {
        return data.resolve(
                switch (part) {
                    case TRAIN -> "train.jsonl";
                    case VALID -> "valid.jsonl";
                    case TEST -> "test.jsonl";
                });
    }

    private static List<String> texts(Map<Part, List<Document>> parts, Part part) {
        return Document.contents(Objects.requireNonNull(parts.get(part)));
    }

    private static List<byte[]> bytes(Map<Part, List<Document>> parts, Part part) {
        return texts(parts, part).stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    private void writeFirstModel(ByteLevelVocabulary vocabulary) throws IOException {
        ModelShape shape = options.shape();
        GgufWriter writer = RandomModel.gemma3(
                        shape.layers(),
                        shape.hiddenSize(),
                        shape.heads(),
                        shape.kvHeads(),
                        shape.feedForward(),
                        vocabulary.size())
                .tokenizer(RandomVocabulary.Kind.BYTE_PAIR)
                .slidingWindow(shape.window())
                .contextLength(shape.context())
                .writer(options.seed());
        vocabulary.putInto(writer);
        writer.put("general.name", options.name())
                .put("general.license", "EUPL-1.2")
                .put("general.quantization_version", GgufValue.uint32(2));
        writer.write(first);
    }

    private TrainingOptions training() {
        return TrainingOptions.builder(first, data, run)
                .fineTuneType(FineTuneType.FULL)
                .epochs(options.schedule().epochs())
                .batchSize(options.schedule().batchSize())
                .learningRate(options.schedule().learningRate())
                .finalLearningRate(options.schedule().learningRate() / 10)
                .schedule(LearningRateSchedule.COSINE)
                .warmupUpdates(WARMUP_UPDATES)
                .weightDecay(options.schedule().weightDecay())
                .clipNorm(1)
                .maxSequenceLength(options.schedule().maxSequenceLength())
                .truncate(true)
                .validationBatches(TrainingOptions.ALL)
                .evalEvery(100)
                .saveEvery(500)
                .reportEvery(20)
                .seed(options.seed())
                .threads(options.threads())
                .build();
    }

    private PretrainReport report(TrainingResult result, Map<Part, List<Document>> parts) throws IOException {
        List<byte[]> train = bytes(parts, Part.TRAIN);
        List<byte[]> test = bytes(parts, Part.TEST);
        return new PretrainReport(
                GgufFile.read(first).tensors().stream()
                        .mapToLong(GgufTensor::elements)
                        .sum(),
                Files.size(options.files().output()),
                count(train),
                count(test),
                result.iterations(),
                result.bestIteration(),
                result.bestLoss(),
                HeldOutLoss.bits(options.files().output(), file(Part.TEST), options.threads()) / count(test),
                new ByteBigram(train, ADDED).bitsPerByte(test));
    }

    private static long count(List<byte[]> texts) {
        return texts.stream().mapToLong(text -> text.length).sum();
    }
}
