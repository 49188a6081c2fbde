package io.lethean.lem.evaluation.ab;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.internal.run.RunIdentity;
import io.lethean.lem.evaluation.internal.run.RunLog;
import io.lethean.lem.evaluation.internal.run.RunSession;
import io.lethean.lem.evaluation.run.AnswerSource;
import io.lethean.lem.evaluation.run.LocalAnswers;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.model.TextGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Runs an A/B benchmark: asks each probe under all conditions, and writes each answer to disk when it is complete.
 *
 * <p>An interrupted run, also one that was killed, resumes when it is run again: answers in its run log
 * ({@code <output>.run.jsonl}) or in the output are not asked for again. Apart from times, the file is identical to
 * that of an uninterrupted run. A runner serves one thread.
 */
public final class AbRunner {

    private final AbPlan plan;
    private final AnswerSource source;
    private final RunListener listener;

    /**
     * A runner of one benchmark.
     *
     * @param plan what is asked of whom
     * @param model called once, before the first question; not called if every answer is recorded
     * @param listener receives the progress
     */
    public AbRunner(AbPlan plan, Supplier<? extends TextGenerator> model, RunListener listener) {
        this(plan, new LocalAnswers(model), listener);
    }

    /**
     * A runner of one benchmark, with answers from any source.
     *
     * @param plan what is asked
     * @param source where the answers of the plan's model come from; stays the caller's
     * @param listener receives the progress
     */
    public AbRunner(AbPlan plan, AnswerSource source, RunListener listener) {
        this.plan = plan;
        this.source = source;
        this.listener = listener;
    }

    /**
     * Runs the benchmark, or resumes it.
     *
     * @param output the JSON Lines file; its folder is created if it is missing
     * @param overwrite delete an output and its log first
     * @return the answers and their comparison
     * @throws BenchmarkException if the output was recorded with another model, kernel, prompts or options, another run
     *     is writing it, or an answer failed; what is recorded stays
     * @throws IOException if a file cannot be read or written, or holds something else
     */
    public AbResult run(Path output, boolean overwrite) throws IOException {
        RunIdentity identity = plan.identity();
        try (RunSession session = RunSession.open(output, overwrite, identity);
                AbOutput written = new AbOutput(output, plan, identity)) {
            RunLog log = session.log();
            int askedBefore = log.asked();
            AbSummary summary;
            if (written.isComplete()) {
                summary = AbSummary.of(written.means());
                log.confirmDone(identity, plan.model(), plan.scope(), RecordedAnswer.now());
            } else {
                summary = new AbRun(plan, source, listener, log, written).finish(identity);
            }
            return new AbResult(summary, written.means(), log.asked() - askedBefore, output, RunFiles.logOf(output));
        }
    }
}
