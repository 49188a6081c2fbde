package io.lethean.lem.cli;

import io.lethean.lem.evaluation.probe.ProbeFile;
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

    ExperimentRun run(Console console) throws IOException {
        series.output();
        return new ExperimentRun(console, series, ProbeFile.read(prompts));
    }
}
