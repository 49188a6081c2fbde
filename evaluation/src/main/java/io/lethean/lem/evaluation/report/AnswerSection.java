package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.score.AnswerFlag;
import io.lethean.lem.evaluation.score.Highlight;
import io.lethean.lem.evaluation.score.V2Scorer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The answers side by side, probe by probe, with the phrases marked that scored, and filters above them. */
final class AnswerSection {

    private final ResultFile run;
    private final boolean highlighted;
    private final StringBuilder out = new StringBuilder();

    AnswerSection(ResultFile run) {
        this.run = run;
        highlighted = run.scorer().startsWith(V2Scorer.NAME);
    }

    String html() {
        appendFilters();
        run.probes().forEach(this::appendProbe);
        return out.toString();
    }

    private void appendFilters() {
        out.append("<form class=\"filters\">\n");
        appendSelect("category", "category", run.categories());
        Set<AnswerFlag> present = EnumSet.noneOf(AnswerFlag.class);
        run.probes().forEach(probe -> present.addAll(flags(probe)));
        appendSelect("flag", "flag", present.stream().map(AnswerFlag::label).toList());
        out.append("<label>text <input id=\"text\" type=\"search\"></label>\n");
        out.append(String.format(
                Locale.ROOT,
                "<output id=\"count\">%d of %d probes</output>\n</form>\n",
                run.probes().size(),
                run.probes().size()));
        if (highlighted) {
            out.append("<p class=\"legend\">");
            signals()
                    .forEach(signal -> out.append(String.format(
                            Locale.ROOT, "<mark class=\"%s\">%s</mark> ", signal, signal.replace('_', ' '))));
            out.append("</p>\n");
        }
    }

    private static List<String> signals() {
        return List.of(
                "compliance_markers",
                "first_person",
                "emotional_register",
                "nuance",
                "specificity",
                "axiom_resonance",
                "perspective_taking",
                "metaphor");
    }

    private void appendSelect(String id, String label, List<String> options) {
        out.append(
                String.format(Locale.ROOT, "<label>%s <select id=\"%s\"><option value=\"\">all</option>", label, id));
        if (id.equals("flag")) {
            out.append("<option value=\"none\">none</option>");
        }
        options.forEach(option -> {
            String escaped = Html.escape(option);
            out.append(String.format(Locale.ROOT, "<option value=\"%s\">%s</option>", escaped, escaped));
        });
        out.append("</select></label>\n");
    }

    private static Set<AnswerFlag> flags(AnsweredProbe probe) {
        return probe.answers().values().stream()
                .flatMap(List::stream)
                .flatMap(answer -> answer.flags().stream())
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(AnswerFlag.class)));
    }

    private void appendProbe(AnsweredProbe probe) {
        String flags = flags(probe).stream().map(AnswerFlag::label).collect(Collectors.joining(" "));
        out.append(String.format(
                Locale.ROOT,
                "<details class=\"probe\" data-category=\"%s\" data-flags=\"%s\">\n",
                Html.escape(probe.category()),
                flags.isEmpty() ? "none" : flags));
        out.append("<summary><b>").append(Html.escape(probe.id())).append("</b> ");
        out.append("<span class=\"category\">")
                .append(Html.escape(probe.category()))
                .append("</span> ");
        probe.answers()
                .forEach((condition, answers) -> out.append("<span class=\"score\">")
                        .append(Html.escape(condition))
                        .append(' ')
                        .append(answers.stream()
                                .map(a -> Numbers.two(a.score()))
                                .collect(Collectors.joining(", ")))
                        .append("</span> "));
        out.append("</summary>\n");
        if (!probe.prompt().isEmpty()) {
            out.append("<p class=\"prompt\">")
                    .append(Html.escape(probe.prompt()))
                    .append("</p>\n");
        }
        out.append("<div class=\"answers\">\n");
        probe.answers().forEach((condition, answers) -> answers.forEach(answer -> appendAnswer(condition, answer)));
        out.append("</div>\n</details>\n");
    }

    private void appendAnswer(String condition, ScoredAnswer answer) {
        out.append("<article><h4>")
                .append(Html.escape(condition))
                .append(" <span class=\"score\">")
                .append(Numbers.two(answer.score()))
                .append("</span>");
        new TreeSet<>(answer.flags())
                .forEach(flag -> out.append(" <span class=\"flag\">")
                        .append(flag.label())
                        .append("</span>"));
        out.append("</h4>\n<p class=\"signals\">");
        answer.signals().entrySet().stream()
                .filter(signal -> signal.getValue() != 0)
                .forEach(signal -> out.append(Html.escape(signal.getKey().replace('_', ' ')))
                        .append("&nbsp;")
                        .append(Numbers.plain(signal.getValue()))
                        .append(" "));
        out.append("</p>\n<div class=\"text\">").append(text(answer.text())).append("</div></article>\n");
    }

    /** The answer in pieces, each marked with the signals that have phrases there. */
    private String text(String answer) {
        if (!highlighted) {
            return Html.escape(answer);
        }
        List<Highlight> highlights = V2Scorer.highlights(answer);
        int[] edges = highlights.stream()
                .flatMapToInt(mark -> Arrays.stream(new int[] {mark.begin(), mark.end()}))
                .sorted()
                .distinct()
                .toArray();
        StringBuilder text = new StringBuilder();
        int at = 0;
        int first = 0;
        for (int edge : edges) {
            appendPiece(text, answer.substring(at, edge), covering(highlights, first, at, edge));
            at = edge;
            while (first < highlights.size()
                    && highlights.get(first).end() <= at
                    && highlights.get(first).begin() < at) {
                first++;
            }
        }
        return text.append(Html.escape(answer.substring(at))).toString();
    }

    /** Highlights are sorted by their begin; those before {@code first} have ended. */
    private static String covering(List<Highlight> highlights, int first, int from, int to) {
        return highlights.subList(first, highlights.size()).stream()
                .takeWhile(mark -> mark.begin() < to)
                .filter(mark -> mark.begin() <= from && mark.end() >= to)
                .map(Highlight::signal)
                .distinct()
                .collect(Collectors.joining(" "));
    }

    private static void appendPiece(StringBuilder text, String piece, String signals) {
        if (signals.isEmpty()) {
            text.append(Html.escape(piece));
        } else {
            text.append(String.format(
                            Locale.ROOT, "<mark class=\"%s\" title=\"%s\">", signals, signals.replace('_', ' ')))
                    .append(Html.escape(piece))
                    .append("</mark>");
        }
    }
}
