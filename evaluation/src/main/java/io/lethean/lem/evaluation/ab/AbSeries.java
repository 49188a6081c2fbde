package io.lethean.lem.evaluation.ab;

import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.OnDemandModel;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * A/B benchmarks of several models under one protocol: a file of answers for each model, all in one folder.
 *
 * @param folder of the answers
 * @param overwrite delete what an earlier run recorded there and start again
 * @param options of every answer
 * @param samples answers to each probe under each condition
 * @param listeners the listener of each model's run, asked for as the run begins
 */
public record AbSeries(
        Path folder,
        boolean overwrite,
        GenerationOptions options,
        int samples,
        Function<NamedModel, RunListener> listeners) {

    /**
     * Runs a model's benchmark, or resumes it, and closes the model.
     *
     * @param model who answers
     * @param file the name of its file in the folder
     * @param kernels the kernels that are compared with no kernel
     * @param probes what is asked
     * @return the answers and their comparison
     * @throws IOException if a file cannot be read or written, or holds something else
     */
    public AbResult run(NamedModel model, String file, List<Kernel> kernels, List<Probe> probes) throws IOException {
        try (OnDemandModel loaded = new OnDemandModel(model)) {
            return run(model, file, kernels, probes, loaded);
        }
    }

    /**
     * Runs a model's benchmark, or resumes it.
     *
     * @param model who answers
     * @param file the name of its file in the folder
     * @param kernels the kernels that are compared with no kernel
     * @param probes what is asked
     * @param loaded the same model; stays the caller's
     * @return the answers and their comparison
     * @throws IOException if a file cannot be read or written, or holds something else
     */
    public AbResult run(NamedModel model, String file, List<Kernel> kernels, List<Probe> probes, OnDemandModel loaded)
            throws IOException {
        AbPlan plan = new AbPlan(model.identity(), kernels, probes, options, samples);
        return new AbRunner(plan, loaded, listeners.apply(model)).run(folder.resolve(file), overwrite);
    }
}
