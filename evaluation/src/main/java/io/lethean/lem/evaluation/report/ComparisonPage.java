package io.lethean.lem.evaluation.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page of a comparison: the table, each probe's difference, and the answers of both files next to each other. */
final class ComparisonPage {

    private final ResultComparison comparison;

    ComparisonPage(ResultComparison comparison) {
        this.comparison = comparison;
    }

    String html() {
        StringBuilder body = new StringBuilder("<h1>Comparison</h1>\n<p>")
                .append(Html.escape(comparison.subtitle()))
                .append("</p>\n");
        comparison
                .remarks()
                .forEach(remark -> body.append("<p class=\"verdict\">")
                        .append(Html.escape(remark))
                        .append("</p>\n"));
        body.append("<h2>Conditions</h2>\n").append(Html.table(comparison.table()));
        body.append(Html.details("What the columns mean", comparison.legend()));
        comparison.rows().stream()
                .filter(row -> !row.difference().differences().isEmpty())
                .forEach(row -> body.append("<h2>")
                        .append(Html.escape(row.condition()))
                        .append(": second against first</h2>\n")
                        .append(new DifferencePlot(row.difference(), Map.of()).svg("second", "first")));
        body.append("<h2>Answers</h2>\n").append(new AnswerSection(sideBySide()).html());
        return Html.page("Comparison", body.toString());
    }

    /** Both files as one, with conditions that name their file. */
    private ResultFile sideBySide() {
        Map<String, AnsweredProbe> probes = new LinkedHashMap<>();
        for (ResultComparison.Row row : comparison.rows()) {
            add(probes, comparison.first(), row.firstCondition(), "first: " + row.firstCondition());
            add(probes, comparison.second(), row.secondCondition(), "second: " + row.secondCondition());
        }
        boolean sameScorer =
                comparison.first().scorer().equals(comparison.second().scorer());
        String scorer = sameScorer ? comparison.first().scorer() : "";
        return new ResultFile("", "", scorer, List.copyOf(probes.values()), List.of(), List.of());
    }

    private static void add(Map<String, AnsweredProbe> probes, ResultFile file, String condition, String name) {
        for (AnsweredProbe probe : file.probes()) {
            AnsweredProbe sofar = probes.getOrDefault(probe.id(), probe);
            Map<String, List<ScoredAnswer>> answers = new LinkedHashMap<>(sofar == probe ? Map.of() : sofar.answers());
            answers.put(name, new ArrayList<>(probe.answers(condition)));
            probes.put(probe.id(), new AnsweredProbe(sofar.id(), sofar.category(), sofar.prompt(), answers));
        }
    }
}
