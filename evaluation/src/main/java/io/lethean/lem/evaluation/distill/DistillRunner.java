package io.lethean.lem.evaluation.distill;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.internal.run.Interview;
import io.lethean.lem.evaluation.internal.run.LineFile;
import io.lethean.lem.evaluation.internal.run.RunIdentity;
import io.lethean.lem.evaluation.internal.run.RunLog;
import io.lethean.lem.evaluation.internal.run.RunSession;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.AnswerSource;
import io.lethean.lem.evaluation.run.LocalAnswers;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.run.RunListener.Answered;
import io.lethean.lem.evaluation.run.RunQuestion;
import io.lethean.lem.internal.io.AtomicFile;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.model.TextGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Runs a distillation, and writes each answer to disk when it is complete.
 *
 * <p>All answers, kept or not, are written to the run log ({@code <output>.run.jsonl}), and the output is made from it.
 * An interrupted run, also one that was killed, resumes when it is run again. With another threshold, scorer or rule of
 * keeping, the output is made again from the recorded answers. A runner serves one thread.
 */
public final class DistillRunner {

    private final DistillPlan plan;
    private final AnswerSource source;
    private final RunListener listener;

    /**
     * A runner of one distillation.
     *
     * @param plan what is asked of whom
     * @param model asked for the model once, before the first question, and not at all if every answer is recorded
     * @param listener receives the progress; a missing score is NaN
     */
    public DistillRunner(DistillPlan plan, Supplier<? extends TextGenerator> model, RunListener listener) {
        this(plan, new LocalAnswers(model), listener);
    }

    /**
     * A runner of one distillation, with answers from any source.
     *
     * @param plan what is asked
     * @param source where the answers of the plan's model come from; stays the caller's
     * @param listener receives the progress; a missing score is NaN
     */
    public DistillRunner(DistillPlan plan, AnswerSource source, RunListener listener) {
        this.plan = plan;
        this.source = source;
        this.listener = listener;
    }

    /**
     * What a run came to.
     *
     * @param summary of the whole distillation
     * @param asked questions that this run put to the model
     */
    public record Outcome(DistillSummary summary, int asked) {}

    /**
     * Runs the distillation, or resumes it.
     *
     * @param output the JSON Lines file; its folder is created if it is missing
     * @param overwrite delete an output and its log first
     * @return what was recorded
     * @throws BenchmarkException if the output was recorded with another model, kernel, probes or options, or by
     *     something else, another run is writing it, or an answer failed; what is recorded stays
     * @throws IOException if a file cannot be read or written, or holds something else
     */
    public Outcome run(Path output, boolean overwrite) throws IOException {
        RunIdentity identity = plan.identity();
        try (RunSession session = RunSession.open(output, overwrite, identity)) {
            RunLog log = session.log();
            if (!log.exists() && Files.exists(output) && Files.size(output) > 0) {
                throw new BenchmarkException(String.format(
                                Locale.ROOT,
                                "%s is there without its log %s, so it is not known what made it; choose",
                                output,
                                RunFiles.logOf(output).getFileName())
                        + " another output, or overwrite it.");
            }
            int askedBefore = log.asked();
            DistillSummary summary = new Run(log, output).finish(identity);
            return new Outcome(summary, log.asked() - askedBefore);
        }
    }

    /** The part of a distillation that one process runs. */
    private final class Run {
        private final RunLog log;
        private final Path output;
        private final DistillOutput lines = new DistillOutput(plan);
        private final Interview interview;
        private int next;

        Run(RunLog log, Path output) {
            this.log = log;
            this.output = output;
            interview = new Interview(log, source, plan.answerCount(), countRecorded());
        }

        private int countRecorded() {
            int count = 0;
            for (int probe = 0; probe < plan.probes().size(); probe++) {
                for (int sample = 0; sample < plan.samples(); sample++) {
                    count += log.answer(probe, plan.question(probe, sample).condition())
                                    .isPresent()
                            ? 1
                            : 0;
                }
            }
            return count;
        }

        DistillSummary finish(RunIdentity identity) throws IOException {
            listener.started(interview.recorded(), plan.answerCount());
            StringBuilder recorded = new StringBuilder();
            for (Optional<List<RecordedAnswer>> answers = answers(next); answers.isPresent(); answers = answers(next)) {
                lines.lines(next, answers.get()).forEach(line -> append(recorded, line));
                next++;
            }
            if (next == plan.probes().size()) {
                append(recorded, lines.summaryLine());
                replace(recorded.toString());
                log.confirmDone(identity, plan.model(), plan.scope(), RecordedAnswer.now());
                return lines.summary();
            }
            replace(recorded.toString());
            log.open(identity, plan.model(), plan.scope(), interview.recorded(), RecordedAnswer.now());
            try (LineFile file = new LineFile(output, Files.size(output))) {
                interview.askAllThatFit(missing(), (question, answer) -> {
                    tell(question, answer);
                    appendComplete(file);
                });
                file.append(lines.summaryLine());
            }
            log.done(interview.recorded(), RecordedAnswer.now());
            return lines.summary();
        }

        private static void append(StringBuilder text, Map<String, ?> line) {
            text.append(PythonJson.write(line)).append('\n');
        }

        /** Writes what the log gives to a file next to the output, and renames that file to the output. */
        private void replace(String text) throws IOException {
            AtomicFile.write(output, part -> Files.writeString(part, text, StandardCharsets.US_ASCII));
        }

        /** All samples of a probe, if all are recorded; empty after the last probe. */
        private Optional<List<RecordedAnswer>> answers(int probe) {
            List<RecordedAnswer> answers = new ArrayList<>();
            for (int sample = 0; probe < plan.probes().size() && sample < plan.samples(); sample++) {
                interview.recorded(plan.question(probe, sample)).ifPresent(answers::add);
            }
            return answers.size() == plan.samples() ? Optional.of(answers) : Optional.empty();
        }

        private List<RunQuestion> missing() {
            List<RunQuestion> missing = new ArrayList<>();
            for (int probe = next; probe < plan.probes().size(); probe++) {
                for (int sample = 0; sample < plan.samples(); sample++) {
                    RunQuestion question = plan.question(probe, sample);
                    if (interview.recorded(question).isEmpty()) {
                        missing.add(question);
                    }
                }
            }
            return missing;
        }

        /** Writes the probes that are next and have all their answers; answers may come in any order. */
        private void appendComplete(LineFile file) throws IOException {
            for (Optional<List<RecordedAnswer>> answers = answers(next); answers.isPresent(); answers = answers(next)) {
                for (Map<String, Object> line : lines.lines(next, answers.get())) {
                    file.append(line);
                }
                next++;
            }
        }

        private void tell(RunQuestion question, RecordedAnswer answer) {
            Probe probe = plan.probes().get(question.probe());
            listener.answered(new Answered(
                    interview.recorded(),
                    plan.answerCount(),
                    probe.id(),
                    question.condition(),
                    lines.score(probe, answer).value().orElse(Double.NaN),
                    answer.seconds(),
                    (int) answer.generatedTokens()));
        }
    }
}
