package io.lethean.lem.evaluation.bench;

import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.model.GenerationOptions;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
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
 *     0. The first sample takes the seed of the options, where they have one, and each further one the next seed
 */
public record AbPlan(
        ModelIdentity model, List<Kernel> kernels, List<Probe> probes, GenerationOptions options, int samples) {

    private static final int PUBLISHED_MAX_TOKENS = 1024;

    public AbPlan {
        kernels = List.copyOf(kernels);
        probes = List.copyOf(probes);
        if (probes.isEmpty()) {
            throw new IllegalArgumentException("A benchmark needs at least one probe, and there are none.");
        }
        requireSamples(samples, options);
        Set<String> names = new HashSet<>();
        for (Kernel kernel : kernels) {
            if (!names.add(kernel.name())) {
                throw new IllegalArgumentException(
                        "Two kernels are named '%s'; name them apart, as in name=path.".formatted(kernel.name()));
            }
        }
    }

    static void requireSamples(int samples, GenerationOptions options) {
        if (samples < 1 || samples > 1 && options.sampling().temperature() == 0) {
            throw new IllegalArgumentException(
                    samples < 1
                            ? "A probe is asked at least once, and the number of samples is %d.".formatted(samples)
                            : "At temperature 0 all %d samples of a probe are the same; set a temperature above 0."
                                    .formatted(samples));
        }
    }

    /** A benchmark with one answer to each probe under each condition. */
    public AbPlan(ModelIdentity model, List<Kernel> kernels, List<Probe> probes, GenerationOptions options) {
        this(model, kernels, probes, options, 1);
    }

    /** Greedy decoding of at most 1024 tokens, as in the published benchmarks. */
    public static GenerationOptions publishedOptions() {
        return GenerationOptions.builder().maxTokens(PUBLISHED_MAX_TOKENS).build();
    }

    /** How many answers the benchmark consists of. */
    public int answerCount() {
        return questions().size() * (kernels.size() + 1);
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
        return sampled(options, sample(question));
    }

    /** The options of a sample: each takes a seed of its own, where there is one. */
    static GenerationOptions sampled(GenerationOptions options, int sample) {
        return options.sampling().seed().isEmpty() || sample == 0
                ? options
                : options.toBuilder()
                        .seed(options.sampling().seed().getAsLong() + sample)
                        .build();
    }

    List<AbCondition> conditions() {
        return Stream.concat(Stream.of(AbCondition.baseline()), kernels.stream().map(AbCondition::of))
                .toList();
    }

    List<String> conditionNames() {
        return conditions().stream().map(AbCondition::name).toList();
    }
}
