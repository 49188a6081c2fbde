package io.lethean.lem.bench;

import io.lethean.lem.data.Kernel;
import io.lethean.lem.data.Probe;
import io.lethean.lem.model.GenerationOptions;
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
 */
public record AbPlan(ModelIdentity model, List<Kernel> kernels, List<Probe> probes, GenerationOptions options) {

    private static final int PUBLISHED_MAX_TOKENS = 1024;

    public AbPlan {
        kernels = List.copyOf(kernels);
        probes = List.copyOf(probes);
        if (probes.isEmpty()) {
            throw new IllegalArgumentException("A benchmark needs at least one probe, and there are none.");
        }
        Set<String> names = new HashSet<>();
        for (Kernel kernel : kernels) {
            if (!names.add(kernel.name())) {
                throw new IllegalArgumentException(
                        "Two kernels are named '%s'; name them apart, as in name=path.".formatted(kernel.name()));
            }
        }
    }

    /** Greedy decoding of at most 1024 tokens, as in the published benchmarks. */
    public static GenerationOptions publishedOptions() {
        return GenerationOptions.builder().maxTokens(PUBLISHED_MAX_TOKENS).build();
    }

    /** How many answers the benchmark consists of. */
    public int answerCount() {
        return probes.size() * (kernels.size() + 1);
    }

    List<AbCondition> conditions() {
        return Stream.concat(Stream.of(AbCondition.baseline()), kernels.stream().map(AbCondition::of)).toList();
    }

    List<String> conditionNames() {
        return conditions().stream().map(AbCondition::name).toList();
    }
}
