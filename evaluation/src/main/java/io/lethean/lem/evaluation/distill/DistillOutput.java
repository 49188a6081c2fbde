package io.lethean.lem.evaluation.distill;

import io.lethean.lem.evaluation.distill.DistillPlan.Keep;
import io.lethean.lem.evaluation.internal.run.WallTime;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.evaluation.score.AnswerFlag;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.internal.io.PythonRounding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the lines of a distillation's output from its answers; the same answers always make the same lines. */
final class DistillOutput {

    private final DistillPlan plan;
    private int generated;
    private int kept;
    private int probesKept;
    private double keptScores;
    private final WallTime wall = new WallTime();
    private String time = "";

    DistillOutput(DistillPlan plan) {
        this.plan = plan;
    }

    /** A sample with what decides whether it is kept. */
    private record Rated(int sample, RecordedAnswer answer, OptionalDouble score, Set<AnswerFlag> flags) {}

    Score score(Probe probe, RecordedAnswer answer) {
        return plan.scorer().score(new Sample(probe.id(), probe.prompt(), Map.of()), answer.text());
    }

    /** The lines of one probe, given all its samples; none if no sample is kept. */
    List<Map<String, Object>> lines(int index, List<RecordedAnswer> answers) {
        Probe probe = plan.probes().get(index);
        List<Rated> good = new ArrayList<>();
        for (int sample = 0; sample < answers.size(); sample++) {
            RecordedAnswer answer = answers.get(sample);
            generated++;
            wall.add(answer);
            time = answer.time();
            Rated rated = new Rated(sample, answer, score(probe, answer).value(), flags(answer));
            if (isGood(rated)) {
                good.add(rated);
            }
        }
        List<Rated> chosen = plan.keep() == Keep.ALL || good.isEmpty() ? good : List.of(best(good));
        probesKept += chosen.isEmpty() ? 0 : 1;
        return chosen.stream().map(rated -> line(probe, rated)).toList();
    }

    private static Set<AnswerFlag> flags(RecordedAnswer answer) {
        return AnswerFlag.of(answer.text(), Optional.of(answer.finishReason()), answer.specialTokensOnly());
    }

    private boolean isGood(Rated rated) {
        return !rated.answer().isError()
                && rated.score().isPresent()
                && rated.score().getAsDouble() >= plan.threshold()
                && (plan.flaggedToo() || rated.flags().isEmpty());
    }

    /** The first of the best: {@code max} would take the last of equals. */
    private static Rated best(List<Rated> good) {
        return good.stream()
                .min(Comparator.comparingDouble((Rated rated) -> -rated.score().getAsDouble()))
                .orElseThrow();
    }

    private Map<String, Object> line(Probe probe, Rated rated) {
        kept++;
        keptScores += rated.score().getAsDouble();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("type", "training");
        line.put(
                "training",
                Map.of(
                        "messages",
                        List.of(
                                turn("user", probe.prompt()),
                                turn("assistant", rated.answer().text()))));
        line.put("meta", meta(probe, rated));
        return line;
    }

    private static Map<String, Object> turn(String role, String content) {
        Map<String, Object> turn = new LinkedHashMap<>();
        turn.put("role", role);
        turn.put("content", content);
        return turn;
    }

    /** The published fields in their order, and then ours. */
    private Map<String, @Nullable Object> meta(Probe probe, Rated rated) {
        RecordedAnswer answer = rated.answer();
        Map<String, @Nullable Object> meta = new LinkedHashMap<>();
        meta.put("probe_id", probe.id());
        meta.put("category", probe.category());
        meta.put("sample_idx", (long) rated.sample());
        meta.put("lek_score", rated.score().getAsDouble());
        meta.put("chars", (long) answer.text().codePointCount(0, answer.text().length()));
        meta.put("time_s", PythonRounding.round(answer.seconds(), 1));
        meta.put("model", plan.model().name());
        meta.put("threshold", plan.threshold());
        meta.put("temperature", plan.options().sampling().temperature());
        meta.put("ts", answer.time());
        meta.put("scorer", plan.scorer().name());
        meta.put("scorer_version", plan.scorer().version());
        meta.put("kernel", plan.kernel().map(Kernel::name).orElse(null));
        meta.put("finish_reason", answer.finishReason());
        meta.put("flags", rated.flags().stream().sorted().map(AnswerFlag::label).toList());
        return meta;
    }

    DistillSummary summary() {
        return new DistillSummary(
                plan.probes().size(),
                plan.samples(),
                generated,
                kept,
                probesKept,
                kept == 0 ? OptionalDouble.empty() : OptionalDouble.of(PythonRounding.round(keptScores / kept, 2)),
                wall.seconds());
    }

    /** The last line; its time is that of the last answer. */
    Map<String, @Nullable Object> summaryLine() {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("type", "summary");
        line.put("model", plan.model().name());
        line.putAll(summary().fields());
        line.put("threshold", plan.threshold());
        line.put("temperature", plan.options().sampling().temperature());
        line.put("duration_s", (long) wall.seconds());
        line.put("ts", time);
        line.put("scorer", plan.scorer().name());
        line.put("scorer_version", plan.scorer().version());
        line.put("keep", plan.keep() == Keep.ALL ? "all" : "best");
        line.put("flagged_too", plan.flaggedToo());
        line.put("kernel", plan.kernel().map(Kernel::name).orElse(null));
        line.put("engine", plan.model().engine());
        return line;
    }
}
