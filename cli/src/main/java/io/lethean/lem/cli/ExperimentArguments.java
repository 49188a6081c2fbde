package io.lethean.lem.cli;

import io.lethean.lem.evaluation.experiment.ExperimentResult;
import io.lethean.lem.evaluation.experiment.ExperimentRunner;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.evaluation.report.ExperimentReport;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.stats.Bootstrap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that all experiments share. */
final class ExperimentArguments {

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Mixin
    private SeriesArguments series = new SeriesArguments();

    @Option(names = "--prompts", paramLabel = "FILE", required = true, description = "Probes, as seeds/P01-P20.json.")
    private Path prompts = Path.of("");

    SeriesArguments series() {
        return series;
    }

    /**
     * Runs the experiment on the models, after the files that it writes are checked.
     *
     * @param tuned more models, which are asked too
     */
    ExperimentRunner runner(Console console, List<NamedModel> tuned) throws IOException {
        List<NamedModel> models = series.models();
        checkOutputs(models, tuned);
        return new ExperimentRunner(series.series(console), models, series.asked(ProbeFile.read(prompts)));
    }

    /** The tables of an experiment that is continued are written again; those of another one are not. */
    private void checkOutputs(List<NamedModel> models, List<NamedModel> tuned) throws IOException {
        List<NamedModel> all = new ArrayList<>(models);
        all.addAll(tuned);
        Path folder = series.output();
        List<String> answers = new ArrayList<>();
        models.forEach(model -> answers.add(model.name() + ".jsonl"));
        tuned.forEach(model -> answers.add(model.name() + "-tuned.jsonl"));
        Pattern written = SeriesArguments.answers(answers);
        series.inputs(all)
                .reads(prompts)
                .fills(folder, written)
                .fills(folder.resolve("kernels"), Pattern.compile(".+\\.txt"))
                .writes(series.overwrites() || holds(folder, written), ExperimentReport.files(folder, command.name()));
    }

    private static boolean holds(Path folder, Pattern names) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(
                    file -> names.matcher(file.getFileName().toString()).matches());
        }
    }

    /** Writes the tables of an experiment and prints them. */
    int print(Console console, ExperimentResult result) throws IOException {
        ExperimentReport report = ExperimentReport.of(result, Bootstrap.defaults());
        report.write(series.output());
        console.out().print(series.json ? report.json() : report.toText());
        console.out().flush();
        console.note(result.asked() + " questions asked; answers and tables in " + series.output());
        return 0;
    }
}
