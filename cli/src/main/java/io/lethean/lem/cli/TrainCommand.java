package io.lethean.lem.cli;

import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.train.LemTrainer;
import io.lethean.lem.train.TrainingEnd;
import io.lethean.lem.train.TrainingListener;
import io.lethean.lem.train.TrainingResult;
import io.lethean.lem.train.Verification;
import io.lethean.lem.train.options.TrainingFiles;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lem train}: trains a LoRA adapter on a GGUF file. */
@Command(
        name = "train",
        description = {
            "Train a LoRA adapter on the GGUF file that you serve, in any quantization.",
            "After an interruption, continue with --resume; the result is identical."
        },
        optionListHeading = "%nWhat to do:%n",
        defaultValueProvider = TrainDefaults.class)
final class TrainCommand implements Callable<Integer> {

    /** Time that an interrupt waits for the current update and the checkpoint after it. */
    private static final long GRACE_SECONDS = 60;

    private final Console console;

    @Spec
    private CommandSpec spec;

    @Mixin
    private TrainArguments arguments = new TrainArguments();

    /** mlx-lm's command needs it; here there is nothing to choose. */
    @Option(names = "--train", hidden = true)
    void train(boolean given) {
        // Every run of this command trains.
    }

    @Option(
            names = "--resume",
            description = "Resume from the newest checkpoint in the adapter folder, if there is one.")
    private boolean resume;

    @Option(
            names = "--curriculum",
            paramLabel = "FILE",
            description =
                    "Train the phases of this JSON file, each from the adapter of the one before, with gates between"
                            + " them (docs/curriculum.md). Data and options are in the file.")
    private @Nullable Path curriculum;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "JSON or YAML file with any of these options, such as batch_size, as mlx-lm has it; command-line"
                            + " options override the file.")
    private @Nullable Path config;

    @Option(
            names = "--report-json",
            paramLabel = "FILE",
            description =
                    "Also write each report, validation and test as an object on a line of this file: iteration, loss,"
                            + " learning rate, tokens per second, peak memory. With --resume, lines are added.")
    private @Nullable Path reportJson;

    @Option(
            names = "--show-mask",
            arity = "0..1",
            fallbackValue = "1",
            paramLabel = "N",
            description =
                    "Print the first N samples (default: 1) with the trained parts between marks, and do not train.")
    private @Nullable Integer showMask;

    @Option(
            names = "--verify",
            description =
                    "Check this model's gradients on this machine, in seconds and without data, and do not train.")
    private boolean verify;

    TrainCommand(Console console) {
        this.console = console;
        this.spec = CommandSpec.create();
    }

    @Override
    public Integer call() throws IOException {
        if (curriculum != null) {
            TrainCurriculum phases = new TrainCurriculum(console, spec, curriculum, resume);
            return interruptible(cancellation -> phases.run(arguments, cancellation));
        }
        TrainArguments all = config == null
                ? arguments
                : TrainConfigFile.read(config, spec.commandLine().getParseResult());
        TrainingOptions options = all.options(!verify);
        checkOutputs(options);
        all.model().announce(console);
        LemTrainer trainer = new LemTrainer(options);
        if (verify) {
            return print(trainer.verify());
        }
        if (showMask != null) {
            trainer.maskedSamples(showMask).forEach(console.out()::println);
            return 0;
        }
        if (all.test.given) {
            TrainTestArguments.requireData(options.files().data());
        }
        train(trainer, options, all.test);
        return 0;
    }

    /** A model that is trained whole is written as model.gguf, and that can be the name of the one it begins with. */
    private void checkOutputs(TrainingOptions options) throws IOException {
        TrainingFiles files = options.files();
        Outputs outputs = new Outputs(spec).reads(files.model(), config);
        Path start = options.tuning().resumeAdapterFile();
        if (start != null) {
            outputs.reads(AdapterFiles.files(start));
        }
        for (String name : List.of("train.jsonl", "valid.jsonl", "test.jsonl")) {
            outputs.reads(files.data().resolve(name));
        }
        outputs.continues(reportJson);
        if (reportJson != null && !resume && Files.exists(reportJson)) {
            throw new FileAlreadyExistsException(
                    reportJson.toString(),
                    null,
                    "The report " + reportJson + " exists already; choose another name, or add to it with --resume.");
        }
        outputs.fills(
                files.adapterFolder(), LemTrainer.writtenNames(options.tuning().fineTuneType()));
    }

    private void train(LemTrainer trainer, TrainingOptions options, TrainTestArguments test) throws IOException {
        TrainProgress shown = new TrainProgress(console);
        TrainingListener progress = reportJson == null ? shown : new TrainJsonReport(reportJson, shown);
        interruptible(cancellation -> {
            TrainingResult result =
                    resume ? trainer.resume(progress, cancellation) : trainer.run(progress, cancellation);
            print(result, options);
            if (test.given && result.end() != TrainingEnd.CANCELLED) {
                trainer.test(test.batches, progress);
            }
            return 0;
        });
    }

    /** Work that ends with a checkpoint when it is cancelled. */
    private interface Training {
        int run(Cancellation cancellation) throws IOException;
    }

    private static int interruptible(Training training) throws IOException {
        Cancellation cancellation = new Cancellation();
        CountDownLatch done = new CountDownLatch(1);
        Thread onInterrupt = new Thread(() -> cancelAndAwait(cancellation, done), "lem-train-interrupt");
        Runtime.getRuntime().addShutdownHook(onInterrupt);
        try {
            return training.run(cancellation);
        } finally {
            done.countDown();
            forget(onInterrupt);
        }
    }

    private static void cancelAndAwait(Cancellation cancellation, CountDownLatch done) {
        cancellation.cancel();
        try {
            done.await(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The hook is what runs now.
        }
    }

    private int print(Verification verification) {
        console.out().println("Gradients of " + verification.layers() + " layers on " + verification.device() + ":");
        verification.checks().forEach(console.out()::println);
        console.out().flush();
        return verification.passed() ? 0 : 1;
    }

    private void print(TrainingResult result, TrainingOptions options) {
        result.bestAdapter()
                .ifPresent(best -> console.out()
                        .println(String.format(
                                Locale.ROOT,
                                "Best validation loss %.4f after iteration %d: %s",
                                result.bestLoss(),
                                result.bestIteration(),
                                best)));
        console.out()
                .println(
                        switch (result.end()) {
                            case COMPLETE -> "Trained " + result.iterations() + " iterations: " + result.adapter();
                            case EARLY_STOP ->
                                "Stopped after iteration " + result.iterations() + ", because the last "
                                        + options.evaluation().patience() + " validations were not better: "
                                        + result.adapter();
                            case CANCELLED ->
                                "Cancelled after iteration " + result.iterations() + "; continue with --resume: "
                                        + result.adapter();
                        });
        console.out().flush();
    }
}
