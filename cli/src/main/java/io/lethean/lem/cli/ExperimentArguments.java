package io.lethean.lem.cli;

import io.lethean.lem.evaluation.experiment.ExperimentResult;
import io.lethean.lem.evaluation.experiment.ExperimentRunner;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.evaluation.report.ExperimentReport;
import io.lethean.lem.evaluation.stats.Bootstrap;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that all experiments share. */
final class ExperimentArguments {

    @Mixin
    private SeriesArguments series = new SeriesArguments();

    @Option(names = "--prompts", paramLabel = "FILE", required = true, description = "Probes, as seeds/P01-P20.json.")
    private Path prompts = Path.of("");

    SeriesArguments series() {
        return series;
    }

    /** Runs the experiment on the models. */
    ExperimentRunner runner(Console console) throws IOException {
        return new ExperimentRunner(series.series(console), series.models(), series.asked(ProbeFile.read(prompts)));
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
