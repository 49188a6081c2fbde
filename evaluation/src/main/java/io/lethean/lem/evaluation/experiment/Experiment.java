package io.lethean.lem.evaluation.experiment;

import io.lethean.lem.evaluation.kernel.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What an experiment asks, as the comparisons that answer it; every model runs one A/B benchmark.
 *
 * @param name a short name, such as {@code lineage}
 * @param question what it answers, one sentence
 * @param contrasts the comparisons in the order of the table; their p-values are corrected together
 */
public record Experiment(String name, String question, List<Contrast> contrasts) {

    /** Copies the list, so that later changes of it do not count. */
    public Experiment {
        contrasts = List.copyOf(contrasts);
    }

    /**
     * {@return whether a kernel still changes what models answer that were tuned: each kernel against none}
     *
     * @param models names of models, in the order of the tables
     * @param kernels names of kernels
     */
    public static Experiment realignment(List<String> models, List<String> kernels) {
        return new Experiment(
                "realignment",
                "Does a kernel still change what the models answer? Scores with each kernel against scores without.",
                againstBaseline(models, kernels));
    }

    /**
     * {@return how models differ from generation to generation: each against the one before it, then each kernel
     * against none}
     *
     * @param models names of models, in the order of the tables
     * @param kernels names of kernels
     */
    public static Experiment lineage(List<String> models, List<String> kernels) {
        List<Contrast> contrasts = new ArrayList<>();
        for (int i = 1; i < models.size(); i++) {
            contrasts.add(new Contrast(baseline(models.get(i)), baseline(models.get(i - 1))));
        }
        contrasts.addAll(againstBaseline(models, kernels));
        return new Experiment(
                "lineage",
                "How do the models of a family differ? Each model against the one before it, and what each kernel changes.",
                contrasts);
    }

    /**
     * {@return what each axiom of a kernel does: the whole kernel and each axiom alone against none, and the kernel
     * without each axiom against the whole one}
     *
     * @param models names of models, in the order of the tables
     * @param isolated the conditions of {@link io.lethean.lem.evaluation.kernel.AxiomKernel}
     */
    public static Experiment isolation(List<String> models, Isolation isolated) {
        List<Contrast> contrasts = new ArrayList<>();
        for (String model : models) {
            Arm whole = new Arm(model, isolated.whole());
            contrasts.add(new Contrast(whole, baseline(model)));
            isolated.alone().forEach(name -> contrasts.add(new Contrast(new Arm(model, name), baseline(model))));
            isolated.without().forEach(name -> contrasts.add(new Contrast(new Arm(model, name), whole)));
        }
        return new Experiment(
                "isolation",
                "Which axiom does what? Each axiom alone against no kernel, and the kernel without it against the whole one.",
                contrasts);
    }

    /**
     * The conditions of an isolation.
     *
     * @param whole the kernel as it is
     * @param alone the kernel with one axiom each
     * @param without the kernel with all axioms but one each
     */
    public record Isolation(String whole, List<String> alone, List<String> without) {

        /** Copies the lists, so that later changes of them do not count. */
        public Isolation {
            alone = List.copyOf(alone);
            without = List.copyOf(without);
        }
    }

    /**
     * {@return whether it is a kernel's meaning or its length: against a neutral text of as many tokens}
     *
     * @param models names of models, in the order of the tables
     * @param controls the name of the neutral text by the kernel's name
     */
    public static Experiment length(List<String> models, Map<String, String> controls) {
        List<Contrast> contrasts = new ArrayList<>();
        for (String model : models) {
            controls.forEach((kernel, neutral) -> {
                contrasts.add(new Contrast(new Arm(model, kernel), new Arm(model, neutral)));
                contrasts.add(new Contrast(new Arm(model, kernel), baseline(model)));
                contrasts.add(new Contrast(new Arm(model, neutral), baseline(model)));
            });
        }
        return new Experiment(
                "length",
                "Is it a kernel's meaning or its length? Each kernel against a neutral text of as many tokens, and both"
                        + " against none.",
                contrasts);
    }

    /**
     * {@return how an effect changes with size: each kernel against none, and tuned models against untuned ones of
     * their size}
     *
     * @param models the untuned models, from small to large
     * @param tuned the tuned model's name by the untuned one's; may lack some or all
     * @param kernels names of kernels
     */
    public static Experiment scale(List<String> models, Map<String, String> tuned, List<String> kernels) {
        List<Contrast> contrasts = new ArrayList<>();
        for (String model : models) {
            String other = tuned.get(model);
            if (other != null) {
                contrasts.add(new Contrast(baseline(other), baseline(model)));
            }
        }
        List<String> all = new ArrayList<>(models);
        models.stream().filter(tuned::containsKey).map(tuned::get).forEach(all::add);
        contrasts.addAll(againstBaseline(all, kernels));
        return new Experiment(
                "scale",
                "How do the effects change with the models' size? Tuned against untuned, and each kernel against none.",
                contrasts);
    }

    private static Arm baseline(String model) {
        return new Arm(model, Kernel.BASELINE);
    }

    private static List<Contrast> againstBaseline(List<String> models, List<String> kernels) {
        return models.stream()
                .flatMap(model -> kernels.stream().map(name -> new Contrast(new Arm(model, name), baseline(model))))
                .toList();
    }
}
