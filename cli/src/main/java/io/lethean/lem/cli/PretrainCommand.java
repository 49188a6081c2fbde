package io.lethean.lem.cli;

import io.lethean.lem.model.Cancellation;
import io.lethean.lem.pretrain.ModelShape;
import io.lethean.lem.pretrain.PretrainOptions;
import io.lethean.lem.pretrain.PretrainOptions.PretrainFiles;
import io.lethean.lem.pretrain.PretrainOptions.PretrainSchedule;
import io.lethean.lem.pretrain.PretrainReport;
import io.lethean.lem.pretrain.Pretraining;
import io.lethean.lem.train.LemTrainer;
import io.lethean.lem.train.options.FineTuneType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lem pretrain}: makes a small model from text alone. */
@Command(
        name = "pretrain",
        description = {
            "Make a small model from text alone: tokenizer, random weights, training of all of them.",
            "Run it again with the same options to resume from the newest checkpoint in the work folder."
        })
final class PretrainCommand implements Callable<Integer> {

    private static final ModelShape NANO = ModelShape.NANO;

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Parameters(
            paramLabel = "TEXT",
            arity = "1..*",
            description = "Files or folders of .txt (documents separated by ***) and .jsonl (as for train).")
    private List<Path> texts = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The model, as Q8_0.")
    private Path output = Path.of("model.gguf");

    @Option(
            names = "--work",
            paramLabel = "FOLDER",
            description = "Folder for samples, checkpoints and the log. Default: ${DEFAULT-VALUE}.")
    private Path work = Path.of("target/pretrain");

    @Option(names = "--name", description = "Name of the model. Default: ${DEFAULT-VALUE}.")
    private String name = "lem-nano";

    @Option(names = "--layers", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int layers = NANO.layers();

    @Option(
            names = {"--hidden-size", "--width"},
            paramLabel = "N",
            description = "Hidden size. Default: ${DEFAULT-VALUE}.")
    private int hiddenSize = NANO.hiddenSize();

    @Option(names = "--heads", paramLabel = "N", description = "Query heads. Default: ${DEFAULT-VALUE}.")
    private int heads = NANO.heads();

    @Option(
            names = {"--kv-heads", "--key-heads"},
            paramLabel = "N",
            description = "KV heads. Default: ${DEFAULT-VALUE}.")
    private int kvHeads = NANO.kvHeads();

    @Option(names = "--feed-forward", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int feedForward = NANO.feedForward();

    @Option(names = "--vocabulary", paramLabel = "N", description = "Tokens. Default: ${DEFAULT-VALUE}.")
    private int vocabulary = NANO.vocabulary();

    @Option(names = "--window", paramLabel = "N", description = "Sliding window in tokens. Default: ${DEFAULT-VALUE}.")
    private int window = NANO.window();

    @Option(names = "--context", paramLabel = "N", description = "Context length in tokens. Default: ${DEFAULT-VALUE}.")
    private int context = NANO.context();

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the text. Default: ${DEFAULT-VALUE}.")
    private int epochs = 4;

    @Option(
            names = "--repeat-conversations",
            paramLabel = "N",
            description = "Repetitions of each conversation in a pass. Default: ${DEFAULT-VALUE}.")
    private int conversationRepeats = 6;

    @Option(names = "--batch-size", paramLabel = "N", description = "Samples in a batch. Default: ${DEFAULT-VALUE}.")
    private int batchSize = 4;

    @Option(names = "--learning-rate", paramLabel = "X", description = "Peak learning rate. Default: ${DEFAULT-VALUE}.")
    private double learningRate = 3e-3;

    @Option(names = "--weight-decay", paramLabel = "X", description = "Default: ${DEFAULT-VALUE}.")
    private double weightDecay = 0.05;

    @Option(
            names = "--max-seq-length",
            paramLabel = "TOKENS",
            description = "Longer samples are cut. Default: ${DEFAULT-VALUE}.")
    private int maxSequenceLength = 640;

    @Option(names = "--seed", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private long seed = 0;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "With one, the same seed gives the same bytes. Default: ${DEFAULT-VALUE}.")
    private int threads = 1;

    PretrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        new Outputs(spec)
                .reads(texts)
                .writes(overwrite.given, output)
                .continues(work.resolve("first.gguf"))
                .fills(work.resolve("data"), Pattern.compile("(train|valid|test)\\.jsonl"))
                .fills(work.resolve("run"), LemTrainer.writtenNames(FineTuneType.FULL));
        ModelShape shape = new ModelShape(layers, hiddenSize, heads, kvHeads, feedForward, vocabulary, window, context);
        PretrainSchedule schedule = new PretrainSchedule(
                epochs, conversationRepeats, batchSize, learningRate, weightDecay, maxSequenceLength);
        PretrainOptions options =
                new PretrainOptions(new PretrainFiles(texts, output, work), name, shape, schedule, seed, threads);
        Optional<PretrainReport> report = new Pretraining(options).run(new TrainProgress(console), new Cancellation());
        report.ifPresent(console.out()::println);
        console.out().flush();
        return 0;
    }
}
