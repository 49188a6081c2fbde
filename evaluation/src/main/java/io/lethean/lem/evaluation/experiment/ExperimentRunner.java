package io.lethean.lem.evaluation.experiment;

import io.lethean.lem.Message;
import io.lethean.lem.evaluation.ab.AbResult;
import io.lethean.lem.evaluation.ab.AbSeries;
import io.lethean.lem.evaluation.experiment.Experiment.Isolation;
import io.lethean.lem.evaluation.kernel.AxiomKernel;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.OnDemandModel;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the benchmarks that an experiment needs, one model after the other. After an interruption, the same experiment
 * run again continues.
 *
 * <p>Texts of kernels that the experiment makes are kept in the folder {@code kernels} of its output. A runner runs one
 * experiment and serves one thread.
 */
public final class ExperimentRunner {

    private final AbSeries series;
    private final List<NamedModel> models;
    private final List<Probe> probes;
    private final Map<String, Path> answers = new LinkedHashMap<>();
    private int asked;

    /**
     * A runner of experiments on these models and probes.
     *
     * @param series how each model is asked
     * @param models in the order of the tables, each with a name of its own
     * @param probes asked of every model, at least one
     */
    public ExperimentRunner(AbSeries series, List<NamedModel> models, List<Probe> probes) {
        this.series = series;
        this.models = List.copyOf(models);
        this.probes = List.copyOf(probes);
        if (models.isEmpty() || probes.isEmpty()) {
            throw new IllegalArgumentException("An experiment needs at least one model and one probe; it has "
                    + models.size() + " and " + probes.size() + ".");
        }
    }

    /**
     * {@return whether kernels still change what (tuned) models answer}
     *
     * @param kernels the kernels
     * @throws IOException if a file cannot be read or written, or holds something else
     */
    public ExperimentResult realignment(List<Kernel> kernels) throws IOException {
        require(kernels);
        all(models, kernels);
        return result(Experiment.realignment(names(), kernelNames(kernels)));
    }

    /**
     * {@return how the models of a family differ from one to the next}
     *
     * @param kernels may be empty
     * @throws IOException if a file cannot be read or written, or holds something else
     */
    public ExperimentResult lineage(List<Kernel> kernels) throws IOException {
        if (models.size() < 2) {
            throw new IllegalArgumentException("A lineage needs at least two models; it has " + models.size() + ".");
        }
        all(models, kernels);
        return result(Experiment.lineage(names(), kernelNames(kernels)));
    }

    /**
     * {@return which axiom of a kernel does what: the whole, each axiom alone, and each left out}
     *
     * @param axioms the kernel, taken apart
     * @throws IOException if a file cannot be read or written, or holds something else
     */
    public ExperimentResult isolation(AxiomKernel axioms) throws IOException {
        List<Kernel> kernels = new ArrayList<>(List.of(axioms.whole()));
        kernels.addAll(axioms.alone());
        kernels.addAll(axioms.without());
        keepTexts(kernels, "");
        all(models, kernels);
        Isolation isolation =
                new Isolation(axioms.whole().name(), kernelNames(axioms.alone()), kernelNames(axioms.without()));
        return result(Experiment.isolation(names(), isolation));
    }

    /**
     * {@return whether the meaning of a kernel counts, or its length: each against a neutral text of as many tokens}
     *
     * @param kernels the kernels
     * @throws IOException if a file cannot be read or written, or holds something else
     */
    public ExperimentResult length(List<Kernel> kernels) throws IOException {
        require(kernels);
        Map<String, String> controls = new LinkedHashMap<>();
        for (NamedModel model : models) {
            try (OnDemandModel loaded = new OnDemandModel(model)) {
                List<Kernel> both = new ArrayList<>();
                for (Kernel kernel : kernels) {
                    Kernel neutral = NeutralText.matching(kernel, text -> tokens(loaded, text));
                    controls.put(kernel.name(), neutral.name());
                    both.addAll(List.of(kernel, neutral));
                    keepTexts(List.of(neutral), model.name() + ".");
                }
                one(model, both, loaded);
            }
        }
        return result(Experiment.length(names(), controls));
    }

    /**
     * {@return how the effects of kernels and of tuning change with the size of the models}
     *
     * @param kernels the kernels
     * @param tuned the tuned model for some or all of the models, by the untuned model's name
     * @throws IOException if a file cannot be read or written, or holds something else
     */
    public ExperimentResult scale(List<Kernel> kernels, Map<String, NamedModel> tuned) throws IOException {
        if (kernels.isEmpty() && tuned.isEmpty()) {
            throw new IllegalArgumentException("Scale compares something at each size; give kernels or tuned models.");
        }
        all(bySize(), kernels);
        List<String> untuned = names();
        Map<String, String> partners = new LinkedHashMap<>();
        for (Map.Entry<String, NamedModel> pair : tuned.entrySet()) {
            if (!untuned.contains(pair.getKey())) {
                throw new IllegalArgumentException("No model has the name of the tuned model '" + pair.getKey() + "'.");
            }
            NamedModel partner = pair.getValue().withName(pair.getKey() + "-tuned");
            partners.put(pair.getKey(), partner.name());
            all(List.of(partner), kernels);
        }
        return result(Experiment.scale(untuned, partners, kernelNames(kernels)));
    }

    private static void require(List<Kernel> kernels) {
        if (kernels.isEmpty()) {
            throw new IllegalArgumentException("This experiment needs at least one kernel.");
        }
    }

    private void all(List<NamedModel> which, List<Kernel> kernels) throws IOException {
        for (NamedModel model : which) {
            try (OnDemandModel loaded = new OnDemandModel(model)) {
                one(model, kernels, loaded);
            }
        }
    }

    private void one(NamedModel model, List<Kernel> kernels, OnDemandModel loaded) throws IOException {
        AbResult result = series.run(model, model.name() + ".jsonl", kernels, probes, loaded);
        asked += result.asked();
        answers.put(model.name(), result.output());
    }

    private int tokens(OnDemandModel loaded, String system) {
        List<Message> conversation =
                List.of(Message.system(system), Message.user(probes.getFirst().prompt()));
        return loaded.get().tokenizer().encodeChat(conversation).size();
    }

    private void keepTexts(List<Kernel> kernels, String prefix) throws IOException {
        for (Kernel kernel : kernels) {
            String file = prefix + kernel.name().replaceAll("[^\\p{L}\\p{N}._+-]", "_") + ".txt";
            AtomicFile.writeText(series.folder().resolve("kernels").resolve(file), kernel.text());
        }
    }

    private List<NamedModel> bySize() throws IOException {
        Map<NamedModel, Long> sizes = new LinkedHashMap<>();
        for (NamedModel model : models) {
            sizes.put(model, GgufFile.read(model.file()).parameterCount());
        }
        return models.stream().sorted(Comparator.comparing(sizes::get)).toList();
    }

    private List<String> names() {
        return List.copyOf(answers.keySet());
    }

    private static List<String> kernelNames(List<Kernel> kernels) {
        return kernels.stream().map(Kernel::name).toList();
    }

    private ExperimentResult result(Experiment experiment) {
        return new ExperimentResult(experiment, answers, asked);
    }
}
