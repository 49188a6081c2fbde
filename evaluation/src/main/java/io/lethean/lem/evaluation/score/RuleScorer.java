package io.lethean.lem.evaluation.score;

import java.util.Map;
import java.util.OptionalDouble;

/** A scorer by rules, without a judge. It has a fixed name and version, which are part of every score. */
abstract class RuleScorer implements Scorer {

    private final String name;
    private final String version;

    RuleScorer(String name, String version) {
        this.name = name;
        this.version = version;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String version() {
        return version;
    }

    final Score scored(double value, Map<String, Object> details) {
        return new Score(name, version, OptionalDouble.of(value), details);
    }

    final Score unscored() {
        return new Score(name, version, OptionalDouble.empty(), Map.of());
    }
}
