package io.lethean.lem.cli;

import io.lethean.lem.Message;
import io.lethean.lem.evaluation.ab.AbResult;
import io.lethean.lem.evaluation.experiment.Experiment;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.report.ExperimentReport;
import io.lethean.lem.evaluation.report.ReportForm;
import io.lethean.lem.evaluation.report.ResultFile;
import io.lethean.lem.evaluation.stats.Bootstrap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the models of an experiment one after the other and writes its tables. */
final class ExperimentRun {

    private final Console console;
    private final SeriesArguments series;
    private final List<Probe> probes;
    private final Map<String, ResultFile> runs = new LinkedHashMap<>();
    private int asked;

    ExperimentRun(Console console, SeriesArguments series, List<Probe> probes) {
        this.console = console;
        this.series = series;
        this.probes = probes;
    }

    /** A conversation with a text as its system turn, by which its tokens are counted. */
    List<Message> conversation(String system) {
        return List.of(Message.system(system), Message.user(probes.getFirst().prompt()));
    }

    void all(List<NamedModel> models, List<Kernel> kernels) throws IOException {
        for (NamedModel model : models) {
            try (OnDemandModel loaded = series.open(model)) {
                one(model, kernels, loaded);
            }
        }
    }

    void one(NamedModel model, List<Kernel> kernels, OnDemandModel loaded) throws IOException {
        AbResult result = series.run(console, model, model.name() + ".jsonl", kernels, probes, loaded);
        asked += result.asked();
        runs.put(model.name(), ResultFile.read(result.output()));
    }

    /** The names of the models that ran, in their order. */
    List<String> models() {
        return List.copyOf(runs.keySet());
    }

    /** Keeps the texts of kernels that are in no file of the user's, so that they can be read and used again. */
    void keepTexts(List<Kernel> kernels, String prefix) throws IOException {
        for (Kernel kernel : kernels) {
            String file = prefix + kernel.name().replaceAll("[^\\p{L}\\p{N}._+-]", "_") + ".txt";
            ReportForm.write(series.output().resolve("kernels").resolve(file), kernel.text());
        }
    }

    /** Writes the tables in all forms and prints them. */
    int finish(Experiment experiment) throws IOException {
        ExperimentReport report = new ExperimentReport(experiment, runs, Bootstrap.defaults());
        Path folder = series.output();
        ReportForm.write(folder.resolve(experiment.name() + ".txt"), report.toText());
        ReportForm.write(folder.resolve(experiment.name() + ".json"), report.json());
        ReportForm.write(folder.resolve(experiment.name() + ".md"), report.markdown());
        ReportForm.write(folder.resolve(experiment.name() + ".html"), report.html());
        console.out().print(series.json ? report.json() : report.toText());
        console.out().flush();
        console.note("%d questions asked; answers and tables in %s".formatted(asked, folder));
        return 0;
    }
}
