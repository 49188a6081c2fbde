package io.lethean.lem.evaluation.distill;

import io.lethean.lem.evaluation.internal.run.Condition;
import io.lethean.lem.evaluation.internal.run.IdentityRules;
import io.lethean.lem.evaluation.internal.run.RunIdentity;
import io.lethean.lem.evaluation.internal.run.RunScope;
import io.lethean.lem.evaluation.internal.run.Samples;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.RunQuestion;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.model.GenerationOptions;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A distillation: every probe is answered several times, and answers that score well become training examples.
 *
 * <p>What decides the answers is the model, the kernel, the probes and the options. The other components decide what
 * is kept of them, and may be changed between runs on the same output without anything being asked again; so may the
 * number of samples.
 *
 * @param model who answers
 * @param kernel given as the system turn; the examples contain the prompt without it
 * @param probes at least one
 * @param options of every answer; the first sample takes their seed, where they have one, and each further one the next
 * @param samples answers to each probe, at least 1; more than one only above temperature 0
 * @param scorer by which answers are kept
 * @param threshold the least score of a kept answer
 * @param keep which of the answers that reach it
 * @param flaggedToo whether answers with a flag, such as truncated ones, may be kept
 */
public record DistillPlan(
        ModelIdentity model,
        Optional<Kernel> kernel,
        List<Probe> probes,
        GenerationOptions options,
        int samples,
        Scorer scorer,
        double threshold,
        Keep keep,
        boolean flaggedToo) {

    /** How the plan identifies its run; what is excluded decides what is kept, not what is answered. */
    static final IdentityRules<DistillPlan> IDENTITY = new IdentityRules<>(DistillPlan.class)
            .rule("model", DistillPlan::putModel)
            .rule("kernel", DistillPlan::putKernel)
            .rule("probes", (identity, plan) -> identity.withProbes(plan.probes()))
            .rule("options", (identity, plan) -> identity.with(plan.options()))
            .excluding("samples", "scorer", "threshold", "keep", "flaggedToo");

    /** Which answers to a probe are kept. */
    public enum Keep {
        /** All that reach the threshold, as published. */
        ALL,
        /** The best of them; the first of equals. */
        BEST
    }

    /**
     * Checks the values and copies the list.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public DistillPlan {
        Samples.require(samples, options);
        probes = List.copyOf(probes);
        if (probes.isEmpty()) {
            throw new IllegalArgumentException("A distillation needs at least one probe, but the list is empty.");
        }
        if (Double.isNaN(threshold)) {
            throw new IllegalArgumentException("The threshold is NaN.");
        }
    }

    /** {@return temperature 0.8, top-p 0.95 and at most 4096 tokens, as in the published self-distillation} */
    public static GenerationOptions publishedOptions() {
        return GenerationOptions.builder()
                .maxTokens(4096)
                .temperature(0.8)
                .topP(0.95)
                .build();
    }

    /** {@return how many answers the distillation consists of} */
    public int answerCount() {
        return probes.size() * samples;
    }

    RunScope scope() {
        return new RunScope(
                IntStream.range(0, samples).mapToObj(DistillPlan::condition).toList(), answerCount());
    }

    private static String condition(int sample) {
        return "sample " + sample;
    }

    RunIdentity identity() {
        return RunIdentity.of(this, IDENTITY);
    }

    private static void putModel(RunIdentity identity, DistillPlan plan) {
        identity.with(plan.model()).with("task", "distill");
    }

    private static void putKernel(RunIdentity identity, DistillPlan plan) {
        identity.with(
                "kernel", plan.kernel().map(text -> "sha256:" + text.sha256()).orElse(null));
    }

    RunQuestion question(int probe, int sample) {
        Condition condition = kernel.map(Condition::of).orElseGet(Condition::baseline);
        Probe asked = probes.get(probe);
        return new RunQuestion(
                probe, asked.id(), condition(sample), condition.messages(asked), Samples.options(options, sample));
    }
}
