package io.lethean.lem.evaluation.ab;

import io.lethean.lem.evaluation.ab.AbSummary.ConditionSummary;
import io.lethean.lem.evaluation.kernel.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A comparison as text: a row per probe, a row per category, and the means.
 *
 * <p>{@code +} and {@code -} mark what is more than 0.5 above or below the baseline.
 */
public final class AbTable {

    private static final int LEAST_LABEL_WIDTH = 18;
    private static final int LEAST_CELL_WIDTH = 8;

    private final AbSummary summary;
    private final List<ScoredProbe> probes;
    private final int labelWidth;
    private final int cellWidth;
    private final StringBuilder text = new StringBuilder();

    private AbTable(AbSummary summary, List<ScoredProbe> probes) {
        this.summary = summary;
        this.probes = probes;
        labelWidth = Math.max(LEAST_LABEL_WIDTH, longest(labels()));
        cellWidth = Math.max(
                LEAST_CELL_WIDTH,
                longest(summary.conditions().stream()
                        .map(ConditionSummary::name)
                        .toList()));
    }

    /**
     * {@return the table, its lines ended by line feeds}
     *
     * @param summary the means
     * @param probes the scores by probe and condition
     */
    public static String of(AbSummary summary, List<ScoredProbe> probes) {
        return new AbTable(summary, probes).render();
    }

    private List<String> labels() {
        List<String> labels = new ArrayList<>(summary.categories().keySet());
        for (int index = 0; index < probes.size(); index++) {
            labels.add(label(index));
        }
        return labels;
    }

    /** The probe's id, or its position in the list if it has no id. */
    private String label(int index) {
        String id = probes.get(index).id();
        return id.isEmpty() ? "#" + (index + 1) : id;
    }

    private static int longest(List<String> texts) {
        return texts.stream()
                .mapToInt(text -> text.codePointCount(0, text.length()))
                .max()
                .orElse(0);
    }

    private String render() {
        row("probe", ConditionSummary::name);
        rule();
        for (int index = 0; index < probes.size(); index++) {
            scores(label(index), probes.get(index).scores());
        }
        rule();
        if (summary.categories().size() < probes.size()) {
            summary.categories().forEach(this::scores);
            rule();
        }
        Double baseline = baselineMean();
        row("mean", condition -> score(condition.averageLek(), baseline));
        row("delta vs baseline", AbTable::delta);
        row("improved", condition -> count(condition, condition.improved()));
        row("regressed", condition -> count(condition, condition.regressed()));
        row("unchanged", condition -> count(condition, condition.unchanged()));
        return text.toString();
    }

    private @Nullable Double baselineMean() {
        return summary.conditions().stream()
                .filter(condition -> condition.name().equals(Kernel.BASELINE))
                .map(ConditionSummary::averageLek)
                .findFirst()
                .orElse(null);
    }

    private void scores(String label, Map<String, Double> scores) {
        Double baseline = scores.get(Kernel.BASELINE);
        row(label, condition -> {
            Double score = scores.get(condition.name());
            return score == null ? "" : score(score, baseline);
        });
    }

    /** A score, its mark in the column after the number's. */
    private static String score(double score, @Nullable Double baseline) {
        String mark = baseline == null ? " " : Change.of(score, baseline).mark();
        return String.format(Locale.ROOT, "%.2f %s", score, mark);
    }

    private static String delta(ConditionSummary condition) {
        return condition.deltaVsBaseline().isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT, "%+.2f  ", condition.deltaVsBaseline().getAsDouble());
    }

    private static String count(ConditionSummary condition, int count) {
        return condition.deltaVsBaseline().isEmpty() ? "" : count + "  ";
    }

    private void rule() {
        text.repeat('-', labelWidth + summary.conditions().size() * (cellWidth + 2))
                .append('\n');
    }

    private void row(String label, Function<ConditionSummary, String> cell) {
        int start = text.length();
        text.append(label).repeat(' ', labelWidth - label.codePointCount(0, label.length()));
        for (ConditionSummary condition : summary.conditions()) {
            String content = cell.apply(condition);
            int width = content.codePointCount(0, content.length());
            text.repeat(' ', Math.max(0, cellWidth + 2 - width)).append(content);
        }
        int end = text.length();
        while (end > start && text.charAt(end - 1) == ' ') {
            end--;
        }
        text.setLength(end);
        text.append('\n');
    }
}
