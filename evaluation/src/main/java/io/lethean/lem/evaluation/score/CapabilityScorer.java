package io.lethean.lem.evaluation.score;

import io.lethean.lem.evaluation.probe.Probe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Whether a capability probe was answered rightly: 1 or 0, found by the sample's id; an unknown id is unscored.
 */
public final class CapabilityScorer extends RuleScorer {

    static final String NAME = "capability";
    private static final String VERSION = "lem-1";

    private static final Map<String, CapabilityProbe> BY_ID = CapabilityProbe.all().stream()
            .collect(Collectors.toUnmodifiableMap(known -> known.probe().id(), Function.identity()));

    /** A scorer; all are alike. */
    public CapabilityScorer() {
        super(NAME, VERSION);
    }

    /** {@return the 23 questions in their order} */
    public static List<Probe> probes() {
        return CapabilityProbe.all().stream().map(CapabilityProbe::probe).toList();
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example(Sample.ofId("math_trays"), "That is 612 rolls.", 1),
                new Example(Sample.ofId("math_trays"), "That is 600 rolls.", 0));
    }

    @Override
    public Score score(Sample sample, String response) {
        CapabilityProbe known = BY_ID.get(sample.id());
        if (known == null) {
            return unscored();
        }
        boolean passed = known.passes(response);
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("category", known.probe().category());
        details.put("passed", passed);
        return scored(passed ? 1 : 0, details);
    }
}
