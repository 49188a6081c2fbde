package io.lethean.lem.evaluation.ab;

import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.internal.io.PythonRounding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The comparison of an A/B benchmark's conditions, by the published rules.
 *
 * @param totalProbes probes that were counted
 * @param conditions the baseline first
 * @param categories mean score by category and condition, rounded to two decimals
 */
public record AbSummary(
        int totalProbes, List<ConditionSummary> conditions, Map<String, Map<String, Double>> categories) {

    /** Copies the lists and maps, so that later changes of them do not count. */
    public AbSummary {
        conditions = List.copyOf(conditions);
        categories = Collections.unmodifiableMap(new LinkedHashMap<>(categories));
    }

    /**
     * One condition.
     *
     * @param name the condition's name
     * @param averageLek the mean {@code lek_score} of the probes that have it, rounded to two decimals
     * @param improved probes that score more than 0.5 above their baseline
     * @param regressed probes that score more than 0.5 below
     * @param unchanged the other probes that have a baseline
     * @param deltaVsBaseline the difference of the two rounded means; empty for the baseline itself
     */
    public record ConditionSummary(
            String name,
            double averageLek,
            int improved,
            int regressed,
            int unchanged,
            OptionalDouble deltaVsBaseline) {

        private Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("name", name);
            fields.put("avg_lek", averageLek);
            fields.put("improved", (long) improved);
            fields.put("regressed", (long) regressed);
            fields.put("unchanged", (long) unchanged);
            deltaVsBaseline.ifPresent(delta -> fields.put("delta_vs_baseline", delta));
            return fields;
        }
    }

    /**
     * Compares scored probes; the conditions are all that occur, in the order of their first occurrence.
     *
     * @param probes the scores by probe and condition
     * @return the summary
     */
    public static AbSummary of(List<ScoredProbe> probes) {
        Set<String> names = new LinkedHashSet<>();
        probes.forEach(probe -> names.addAll(probe.scores().keySet()));
        List<ConditionSummary> conditions = new ArrayList<>();
        names.forEach(name -> conditions.add(condition(name, probes)));
        return new AbSummary(probes.size(), conditions, categories(probes, names));
    }

    private static ConditionSummary condition(String name, List<ScoredProbe> probes) {
        double average = mean(name, probes);
        if (name.equals(Kernel.BASELINE)) {
            return new ConditionSummary(name, average, 0, 0, 0, OptionalDouble.empty());
        }
        int[] changes = new int[Change.values().length];
        boolean compared = false;
        for (ScoredProbe probe : probes) {
            Double score = probe.scores().get(name);
            Double baseline = probe.scores().get(Kernel.BASELINE);
            if (score != null && baseline != null) {
                changes[Change.of(score, baseline).ordinal()]++;
                compared = true;
            }
        }
        return new ConditionSummary(
                name,
                average,
                changes[Change.IMPROVED.ordinal()],
                changes[Change.REGRESSED.ordinal()],
                changes[Change.UNCHANGED.ordinal()],
                compared
                        ? OptionalDouble.of(PythonRounding.round(average - mean(Kernel.BASELINE, probes), 2))
                        : OptionalDouble.empty());
    }

    private static Map<String, Map<String, Double>> categories(List<ScoredProbe> probes, Set<String> names) {
        Map<String, List<ScoredProbe>> grouped = new LinkedHashMap<>();
        probes.forEach(probe -> grouped.computeIfAbsent(probe.category(), category -> new ArrayList<>())
                .add(probe));
        Map<String, Map<String, Double>> categories = new LinkedHashMap<>();
        grouped.forEach((category, members) -> categories.put(category, means(names, members)));
        return categories;
    }

    private static Map<String, Double> means(Set<String> names, List<ScoredProbe> probes) {
        Map<String, Double> means = new LinkedHashMap<>();
        for (String name : names) {
            if (probes.stream().anyMatch(probe -> probe.scores().containsKey(name))) {
                means.put(name, mean(name, probes));
            }
        }
        return means;
    }

    /** Added from left to right, as the published means are, and only then divided and rounded. */
    private static double mean(String name, List<ScoredProbe> probes) {
        double sum = 0;
        int count = 0;
        for (ScoredProbe probe : probes) {
            Double score = probe.scores().get(name);
            if (score != null) {
                sum += score;
                count++;
            }
        }
        return PythonRounding.round(sum / count, 2);
    }

    /**
     * {@return {@code total_probes}, {@code conditions} and {@code categories} by their published names and in that
     * order}
     */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("total_probes", (long) totalProbes);
        fields.put(
                "conditions", conditions.stream().map(ConditionSummary::fields).toList());
        fields.put("categories", categories);
        return fields;
    }
}
