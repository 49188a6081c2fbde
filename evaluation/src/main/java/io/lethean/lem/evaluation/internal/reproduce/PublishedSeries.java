package io.lethean.lem.evaluation.internal.reproduce;

import io.lethean.lem.evaluation.ab.AbResult;
import io.lethean.lem.evaluation.ab.AbSeries;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.NamedModel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The A/B benchmarks of the published tables, run again with models that the tables name.
 *
 * @param series how each model is asked, and the folder of the answers
 * @param kernels one condition each
 * @param twenty the first twenty probes
 * @param hundred all hundred probes
 */
public record PublishedSeries(AbSeries series, List<Kernel> kernels, List<Probe> twenty, List<Probe> hundred) {

    /**
     * Runs or resumes the benchmarks of the models and makes their tables again.
     *
     * @param models named as in a table
     * @param finished receives each complete benchmark
     * @throws IllegalArgumentException if no table has a model's name; nothing was run then
     */
    public Reproduction run(List<NamedModel> models, Consumer<AbResult> finished) throws IOException {
        Map<NamedModel, List<PublishedRun>> runs = new LinkedHashMap<>();
        for (NamedModel model : models) {
            runs.put(model, PublishedRun.named(model.name()));
        }
        Set<String> files = new LinkedHashSet<>();
        for (Map.Entry<NamedModel, List<PublishedRun>> entry : runs.entrySet()) {
            for (PublishedRun run : entry.getValue()) {
                List<Probe> probes = run.isOverHundredProbes() ? hundred : twenty;
                finished.accept(series.run(entry.getKey(), run.file(), kernels, probes));
                files.add(run.file());
            }
        }
        return Reproduction.of(series.folder(), files);
    }
}
