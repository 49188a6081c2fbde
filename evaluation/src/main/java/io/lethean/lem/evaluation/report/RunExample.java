package io.lethean.lem.evaluation.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One probe of a run with the beginnings of its answers, so that a reader sees what was scored: the probe with the
 * difference, or with one condition the score, that is closest to the mean of all.
 */
record RunExample(ResultFile run) {

    private static final int QUESTION = 240;
    private static final int ANSWER = 320;

    /** Empty if no probe has a question and the text of an answer under every condition. */
    Optional<String> text() {
        List<AnsweredProbe> complete =
                run.probes().stream().filter(this::isComplete).toList();
        OptionalDouble mean = complete.stream().mapToDouble(this::effect).average();
        return complete.stream()
                .min(Comparator.comparingDouble(probe -> Math.abs(effect(probe) - mean.orElse(0))))
                .map(this::text);
    }

    private boolean isComplete(AnsweredProbe probe) {
        return !probe.prompt().isBlank()
                && run.conditions().stream()
                        .allMatch(condition -> probe.answers(condition).stream()
                                .findFirst()
                                .filter(answer -> !answer.text().isBlank()
                                        && answer.score().isPresent())
                                .isPresent());
    }

    /** The score of the last condition, without that of the baseline if there is another. */
    private double effect(AnsweredProbe probe) {
        String last = run.conditions().getLast();
        return score(probe, last) - (last.equals(run.baseline()) ? 0 : score(probe, run.baseline()));
    }

    private static double score(AnsweredProbe probe, String condition) {
        return probe.answers(condition).getFirst().score().orElse(0);
    }

    private String text(AnsweredProbe probe) {
        List<String> lines =
                new ArrayList<>(List.of("For example, " + probe.id() + ": " + beginning(probe.prompt(), QUESTION)));
        for (String condition : run.conditions()) {
            ScoredAnswer answer = probe.answers(condition).getFirst();
            lines.add(String.format(
                    Locale.ROOT,
                    "  %s (%.2f): %s",
                    condition,
                    answer.score().orElse(0),
                    beginning(answer.text(), ANSWER)));
        }
        return String.join("\n", lines) + "\n";
    }

    /** The text on one line, cut between words. */
    private static String beginning(String text, int characters) {
        String line = text.strip().replaceAll("\\s+", " ").replaceAll("\\p{Cntrl}", "");
        if (line.length() <= characters) {
            return line;
        }
        int space = line.lastIndexOf(' ', characters);
        int end = space > characters / 2 ? space : line.offsetByCodePoints(0, line.codePointCount(0, characters));
        return line.substring(0, end) + " ...";
    }
}
