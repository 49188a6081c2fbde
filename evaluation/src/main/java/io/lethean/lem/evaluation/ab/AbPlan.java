package io.lethean.lem.evaluation.ab;

import io.lethean.lem.evaluation.internal.run.Condition;
import io.lethean.lem.evaluation.internal.run.IdentityRules;
import io.lethean.lem.evaluation.internal.run.RunIdentity;
import io.lethean.lem.evaluation.internal.run.RunScope;
import io.lethean.lem.evaluation.internal.run.Samples;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.evaluation.score.V2Scorer;
import io.lethean.lem.model.GenerationOptions;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An A/B benchmark: every probe is answered without a kernel, then with each kernel.
 *
 * @param model who answers
 * @param kernels in the order of their conditions; may be empty, for the baseline alone
 * @param probes in the order in which they are asked, at least one
 * @param options of every answer; the published protocol is {@link #publishedOptions()}
 * @param samples answers to each probe under each condition; 1 in the published protocol, more only above temperature
 *     0. The first sample takes the seed of the options, if they have one, and each further sample the next seed
 * @param scorer of the answers; the published protocol has {@link V2Scorer}. An answer that it leaves unscored enters
 *     no mean
 * @param baseline whether the probes are also answered without a kernel; false only with at least one kernel
 */
public record AbPlan(
        ModelIdentity model,
        List<Kernel> kernels,
        List<Probe> probes,
        GenerationOptions options,
        int samples,
        Scorer scorer,
        boolean baseline) {

    private static final int PUBLISHED_MAX_TOKENS = 1024;

    /** How the plan identifies its run. */
    static final IdentityRules<AbPlan> IDENTITY = new IdentityRules<>(AbPlan.class)
            .rule("model", (identity, plan) -> identity.with(plan.model()))
            .rule("kernels", AbPlan::putKernels)
            .rule("probes", (identity, plan) -> identity.withProbes(plan.probes()))
            .rule("options", (identity, plan) -> identity.with(plan.options()))
            .rule("samples", AbPlan::putSamples)
            .rule("scorer", AbPlan::putScorer)
            .excluding("baseline"); // The rule of the kernels records the names of all conditions.

    /**
     * Checks the values and copies the lists.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public AbPlan {
        kernels = List.copyOf(kernels);
        probes = List.copyOf(probes);
        if (probes.isEmpty()) {
            throw new IllegalArgumentException("A benchmark needs at least one probe, but the list is empty.");
        }
        Samples.require(samples, options);
        if (!baseline && kernels.isEmpty()) {
            throw new IllegalArgumentException(
                    "A benchmark without a baseline needs at least one kernel, but the list is empty.");
        }
        Set<String> names = new HashSet<>();
        for (Kernel kernel : kernels) {
            if (!names.add(kernel.name())) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT, "Two kernels are named '%s'; name them apart, as in name=path.", kernel.name()));
            }
        }
    }

    private static void putKernels(RunIdentity identity, AbPlan plan) {
        identity.with("conditions", plan.conditionNames());
        plan.kernels().forEach(kernel -> identity.with("kernel " + kernel.name(), "sha256:" + kernel.sha256()));
    }

    private static void putSamples(RunIdentity identity, AbPlan plan) {
        if (plan.samples() > 1) {
            identity.with("samples", (long) plan.samples());
        }
    }

    private static void putScorer(RunIdentity identity, AbPlan plan) {
        identity.with("scorer", plan.scorer().name() + " " + plan.scorer().version());
    }

    RunIdentity identity() {
        return RunIdentity.of(this, IDENTITY);
    }

    /**
     * A benchmark with one answer to each probe under each condition.
     *
     * @param model who answers
     * @param kernels the kernels that are compared with no kernel
     * @param probes what is asked
     * @param options how answers are generated
     */
    public AbPlan(ModelIdentity model, List<Kernel> kernels, List<Probe> probes, GenerationOptions options) {
        this(model, kernels, probes, options, 1);
    }

    /**
     * A benchmark with the v2 scorer, as in the published protocol.
     *
     * @param model who answers
     * @param kernels the kernels that are compared with no kernel
     * @param probes what is asked
     * @param options how answers are generated
     * @param samples answers to each probe under each condition
     */
    public AbPlan(
            ModelIdentity model, List<Kernel> kernels, List<Probe> probes, GenerationOptions options, int samples) {
        this(model, kernels, probes, options, samples, new V2Scorer());
    }

    /**
     * A benchmark with a baseline.
     *
     * @param model who answers
     * @param kernels the kernels that are compared with no kernel
     * @param probes what is asked
     * @param options how answers are generated
     * @param samples answers to each probe under each condition
     * @param scorer scores the answers
     */
    public AbPlan(
            ModelIdentity model,
            List<Kernel> kernels,
            List<Probe> probes,
            GenerationOptions options,
            int samples,
            Scorer scorer) {
        this(model, kernels, probes, options, samples, scorer, true);
    }

    /**
     * {@return this benchmark with another scorer}
     *
     * @param other the new scorer
     */
    public AbPlan withScorer(Scorer other) {
        return new AbPlan(model, kernels, probes, options, samples, other, baseline);
    }

    /**
     * {@return this benchmark with its kernels alone}
     *
     * @throws IllegalArgumentException if it has no kernel
     */
    public AbPlan withoutBaseline() {
        return new AbPlan(model, kernels, probes, options, samples, scorer, false);
    }

    /** {@return greedy decoding of at most 1024 tokens, as in the published benchmarks} */
    public static GenerationOptions publishedOptions() {
        return GenerationOptions.builder().maxTokens(PUBLISHED_MAX_TOKENS).build();
    }

    /** {@return how many answers the benchmark consists of} */
    public int answerCount() {
        return questions().size() * conditions().size();
    }

    RunScope scope() {
        return new RunScope(conditionNames(), answerCount());
    }

    /** What is asked under every condition, one output line each: every probe as often as there are samples. */
    List<Probe> questions() {
        return probes.stream()
                .flatMap(probe -> Collections.nCopies(samples, probe).stream())
                .toList();
    }

    /** Which sample of its probe a question asks for, from 0. */
    int sample(int question) {
        return question % samples;
    }

    GenerationOptions options(int question) {
        return Samples.options(options, sample(question));
    }

    List<Condition> conditions() {
        return Stream.concat(
                        baseline ? Stream.of(Condition.baseline()) : Stream.of(),
                        kernels.stream().map(Condition::of))
                .toList();
    }

    /** {@return the names of the conditions, the baseline first if there is one} */
    public List<String> conditionNames() {
        return conditions().stream().map(Condition::name).toList();
    }
}
