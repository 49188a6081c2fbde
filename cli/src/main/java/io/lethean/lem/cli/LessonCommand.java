package io.lethean.lem.cli;

import io.lethean.lem.evaluation.distill.Lesson;
import io.lethean.lem.evaluation.distill.Lesson.Dedup;
import io.lethean.lem.evaluation.distill.Lesson.Example;
import io.lethean.lem.evaluation.distill.LessonOptions;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.report.ReportForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lem lesson}: examples split for training. */
@Command(
        name = "lesson",
        description = {
            "Split examples into train.jsonl, valid.jsonl and test.jsonl for lem train. A probe and its paraphrases stay"
                    + " together.",
            "Lines that cannot be read are reported and skipped."
        })
final class LessonCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "INPUT", arity = "1..*", description = "Output of lem distill, or training files.")
    private List<Path> inputs = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            required = true,
            description = "Folder for the three files.")
    private Path output = Path.of("");

    @Option(
            names = "--dedup",
            description = "Which examples of a probe are taken: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Dedup dedup = LessonOptions.defaults().dedup();

    @Option(names = "--valid", paramLabel = "PERCENT", description = "Share of probes. Default: ${DEFAULT-VALUE}.")
    private int valid = LessonOptions.defaults().validPercent();

    @Option(names = "--test", paramLabel = "PERCENT", description = "Share of probes. Default: ${DEFAULT-VALUE}.")
    private int test = LessonOptions.defaults().testPercent();

    @Option(names = "--seed", description = "Seed of the split. Default: ${DEFAULT-VALUE}.")
    private long seed = LessonOptions.defaults().seed();

    @Option(names = "--min-score", description = "Leave out examples with a lower score.")
    private double leastScore = Double.NEGATIVE_INFINITY;

    @Option(
            names = "--sandwich",
            paramLabel = "NAME=FILE",
            description = "Put a kernel before the prompt, in the same turn.")
    private @Nullable String sandwich;

    @Option(names = "--signature", paramLabel = "FILE", description = "With --sandwich, a text after the prompt.")
    private @Nullable Path signature;

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    LessonCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        new Outputs(spec)
                .reads(inputs)
                .reads(signature)
                .readsNamed(sandwich)
                .writes(
                        overwrite.given,
                        output.resolve("train.jsonl"),
                        output.resolve("valid.jsonl"),
                        output.resolve("test.jsonl"));
        Optional<Kernel> kernel = sandwich == null ? Optional.empty() : Optional.of(Kernel.read(sandwich));
        Optional<String> after = signature == null
                ? Optional.empty()
                : Optional.of(TextFile.read(signature).strip());
        LessonOptions options =
                Usage.valid(spec, () -> new LessonOptions(dedup, valid, test, seed, leastScore, kernel, after));
        Lesson lesson = Lesson.of(inputs, options);
        Map<Path, List<Example>> files = new LinkedHashMap<>();
        files.put(output.resolve("train.jsonl"), lesson.train());
        files.put(output.resolve("valid.jsonl"), lesson.valid());
        files.put(output.resolve("test.jsonl"), lesson.test());
        for (Map.Entry<Path, List<Example>> file : files.entrySet()) {
            write(file.getKey(), file.getValue());
        }
        console.out()
                .println(String.format(
                        Locale.ROOT,
                        "%d examples to train on, %d to validate with, %d to test with",
                        lesson.train().size(),
                        lesson.valid().size(),
                        lesson.test().size()));
        console.out().flush();
        lesson.problems().forEach(problem -> console.note("lem: " + problem));
        return lesson.problems().isEmpty() ? 0 : 1;
    }

    /** A part without examples has no file, since trainers refuse empty ones. */
    private static void write(Path file, List<Example> examples) throws IOException {
        if (examples.isEmpty()) {
            Files.deleteIfExists(file);
        } else {
            ReportForm.write(file, examples.stream().map(Example::line).collect(Collectors.joining()));
        }
    }
}
