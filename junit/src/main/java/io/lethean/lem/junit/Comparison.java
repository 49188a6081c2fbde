package io.lethean.lem.junit;

import io.lethean.lem.evaluation.report.AnsweredProbe;
import io.lethean.lem.evaluation.report.ResultComparison;
import io.lethean.lem.evaluation.report.ResultComparison.Row;
import io.lethean.lem.evaluation.report.ResultFile;
import io.lethean.lem.evaluation.report.ScoredAnswer;
import io.lethean.lem.evaluation.report.Table;
import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.evaluation.stats.PairedComparison;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.opentest4j.AssertionFailedError;

/**
 * The answers of a run and the recorded ones, compared in pairs.
 *
 * @param before the recorded run
 * @param after this run
 * @param row the comparison of its one condition
 * @param level of the interval
 * @param minPairs the fewest pairs for a verdict
 * @param verdict what the comparison says
 */
record Comparison(ResultFile before, ResultFile after, Row row, double level, int minPairs, Verdict verdict) {

    private static final int SHOWN_PAIRS = 10;
    private static final int SHOWN_ANSWERS = 3;
    private static final int SHOWN_CHARACTERS = 160;

    /** A pair of scores, and how far the second is above the first. */
    private record Pair(String probe, double before, double after, double change) {}

    static Comparison of(ResultFile before, ResultFile after, Bootstrap bootstrap, int minPairs) {
        Row row = new ResultComparison(before, after, bootstrap).rows().getFirst();
        return new Comparison(before, after, row, bootstrap.level(), minPairs, Verdict.of(row.difference(), minPairs));
    }

    /** The scorer of answers, its version left out. */
    static String scorerOf(ResultFile answers) {
        return answers.scorer().split(" ", 2)[0];
    }

    /** The verdict with its figures. */
    String sentence() {
        PairedComparison difference = row.difference();
        String figures = figures(difference);
        return switch (verdict) {
            case WORSE -> "the answers are worse than the recorded ones: " + figures + ".";
            case BETTER -> "the answers are better than the recorded ones: " + figures + ".";
            case NO_DIFFERENCE -> "no difference is seen: " + figures + ".";
            case TOO_FEW_PAIRS ->
                String.format(
                        Locale.ROOT,
                        "too few pairs to tell whether the answers are worse: minPairs is %d, and %s.",
                        minPairs,
                        figures);
        };
    }

    private String figures(PairedComparison difference) {
        int pairs = difference.differences().size();
        String counted = pairs == 1 ? "1 pair" : pairs + " pairs";
        if (difference.mean().isEmpty()) {
            return "no probe has a score in both runs" + lost(difference);
        }
        String interval = difference
                .interval()
                .map(i -> String.format(
                        Locale.ROOT, "%s %% interval %s to %s, ", percent(), signed(i.low()), signed(i.high())))
                .orElse("");
        return String.format(
                Locale.ROOT,
                "the mean of %s changed by %s (%s%s)%s",
                scorerOf(after),
                signed(difference.mean().getAsDouble()),
                interval,
                counted,
                lost(difference));
    }

    private static String lost(PairedComparison difference) {
        return difference.onlyFirst() + difference.onlySecond() == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; left out are %d probes with a score in the record only and %d in this run only",
                        difference.onlyFirst(),
                        difference.onlySecond());
    }

    private String percent() {
        return BigDecimal.valueOf(level).movePointRight(2).stripTrailingZeros().toPlainString();
    }

    /** The failure of a test with worse answers; development environments show the shortened answers as a difference. */
    AssertionFailedError failure(TestFiles files, List<String> changes) {
        List<Pair> pairs = pairs().stream().filter(pair -> pair.change() != 0).toList();
        List<Pair> shown = pairs.subList(0, Math.min(SHOWN_PAIRS, pairs.size()));
        List<Pair> quoted = shown.subList(0, Math.min(SHOWN_ANSWERS, shown.size()));
        return new AssertionFailedError(
                message(files, changes, shown, quoted),
                answers(quoted, pair -> answer(before, row.firstCondition(), pair.probe())),
                answers(quoted, pair -> answer(after, row.secondCondition(), pair.probe())));
    }

    private String message(TestFiles files, List<String> changes, List<Pair> shown, List<Pair> quoted) {
        PairedComparison difference = row.difference();
        StringBuilder text = new StringBuilder(files.test() + ": " + sentence() + "\n\n");
        text.append(String.format(
                Locale.ROOT,
                "Of %d pairs, %d fell, %d rose and %d are equal. Their mean was %.2f and is %.2f.\n",
                difference.differences().size(),
                difference.fell(),
                difference.rose(),
                difference.differences().size() - difference.fell() - difference.rose(),
                mean(Pair::before),
                mean(Pair::after)));
        text.append(
                changes.isEmpty()
                        ? "Model, options, probes, kernel and scorer are those of the record.\n"
                        : "What differs from the recorded run: " + String.join("; ", changes) + ".\n");
        text.append("\nThe pairs that changed most:\n")
                .append(indented(table(shown).toText()));
        for (Pair pair : quoted) {
            text.append("\n  ").append(pair.probe()).append('\n');
            text.append("    recorded: ")
                    .append(shortened(answer(before, row.firstCondition(), pair.probe())))
                    .append('\n');
            text.append("    now:      ")
                    .append(shortened(answer(after, row.secondCondition(), pair.probe())))
                    .append('\n');
        }
        text.append("\nRecord:      ").append(files.record());
        text.append("\nNew answers: ").append(files.output());
        text.append("\nAll pairs:   lem compare ")
                .append(files.record())
                .append(' ')
                .append(files.output());
        text.append("\nTo accept the new answers, copy them over the record, or ")
                .append(files.howToRecord());
        return text.toString();
    }

    /** All pairs, those that changed most first; among equal changes in the order of the probes. */
    private List<Pair> pairs() {
        Map<String, Double> first = before.scores(row.firstCondition()).means();
        Map<String, Double> second = after.scores(row.secondCondition()).means();
        List<Pair> pairs = new ArrayList<>();
        row.difference()
                .differences()
                .forEach((probe, change) -> pairs.add(new Pair(
                        probe, first.getOrDefault(probe, Double.NaN), second.getOrDefault(probe, Double.NaN), change)));
        pairs.sort(Comparator.comparingDouble((Pair pair) -> -Math.abs(pair.change())));
        return pairs;
    }

    private double mean(ToDoubleFunction<Pair> score) {
        return pairs().stream().mapToDouble(score).average().orElse(Double.NaN);
    }

    private static Table table(List<Pair> pairs) {
        return new Table(
                List.of("probe", "recorded", "now", "change"),
                pairs.stream()
                        .map(pair -> List.of(
                                pair.probe(),
                                Table.number(OptionalDouble.of(pair.before())),
                                Table.number(OptionalDouble.of(pair.after())),
                                signed(pair.change())))
                        .toList());
    }

    private static String signed(double value) {
        String text = String.format(Locale.ROOT, "%+.2f", value);
        return text.equals("-0.00") ? "+0.00" : text;
    }

    private static String indented(String lines) {
        return lines.lines().map(line -> "  " + line + "\n").collect(Collectors.joining());
    }

    /** The first answer to a probe. */
    private static String answer(ResultFile file, String condition, String probe) {
        return file.probes().stream()
                .filter(answered -> answered.id().equals(probe))
                .map((AnsweredProbe answered) -> answered.answers(condition))
                .filter(answers -> !answers.isEmpty())
                .map(answers -> answers.getFirst())
                .map(ScoredAnswer::text)
                .findFirst()
                .orElse("");
    }

    private static String answers(List<Pair> pairs, Function<Pair, String> answer) {
        return pairs.stream()
                .map(pair -> pair.probe() + ": " + answer.apply(pair))
                .collect(Collectors.joining("\n\n"));
    }

    private static String shortened(String answer) {
        String line = answer.strip().replaceAll("\\s+", " ");
        if (line.isEmpty()) {
            return "(empty)";
        }
        return line.codePointCount(0, line.length()) <= SHOWN_CHARACTERS
                ? line
                : line.substring(0, line.offsetByCodePoints(0, SHOWN_CHARACTERS)) + "...";
    }
}
