package io.lethean.lem.evaluation.standard;

import io.lethean.lem.evaluation.ab.AbRunner;
import io.lethean.lem.evaluation.internal.run.Interview;
import io.lethean.lem.evaluation.internal.run.RunIdentity;
import io.lethean.lem.evaluation.internal.run.RunLog;
import io.lethean.lem.evaluation.run.LocalAnswers;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.evaluation.run.RunQuestion;
import io.lethean.lem.internal.io.PythonRounding;
import io.lethean.lem.model.TextGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Runs a standard benchmark with generated answers, every answer on disk as it comes.
 *
 * <p>A run that was interrupted, by {@code kill -9} at any moment too, is continued by running it again, as with {@link
 * AbRunner}. A question that does not fit the model's context is answered, as published, by a text that begins with
 * {@code ERROR}; any other failure ends the run. A runner serves one thread.
 */
public final class StandardRunner {

    private final StandardPlan plan;
    private final Supplier<? extends TextGenerator> model;
    private final StandardListener listener;

    /**
     * A runner of one benchmark.
     *
     * @param plan what is asked of whom
     * @param model asked for the model once, before the first question, and not at all if every answer is recorded
     * @param listener receives the progress
     */
    public StandardRunner(StandardPlan plan, Supplier<? extends TextGenerator> model, StandardListener listener) {
        this.plan = plan;
        this.model = model;
        this.listener = listener;
    }

    /**
     * Runs the benchmark, or resumes it.
     *
     * @param output the JSON Lines file; its folder is created if it is missing
     * @param overwrite delete an output and its log first
     * @return the answers and their scores
     * @throws io.lethean.lem.evaluation.BenchmarkException if the output was recorded with something else, another run is writing
     *     it, or an answer failed; what is recorded stays
     * @throws IOException if a file cannot be read or written, or holds something else
     */
    public StandardResult run(Path output, boolean overwrite) throws IOException {
        return StandardOutput.complete(output, overwrite, plan.identity(), plan.asked(), this::finish);
    }

    private void finish(RunLog log, StandardOutput output, RunIdentity identity) throws IOException {
        if (output.isComplete()) {
            log.confirmDone(identity, plan.model(), plan.scope(), RecordedAnswer.now());
            return;
        }
        List<RunQuestion> open = new ArrayList<>();
        for (int index = output.answers().size(); index < plan.limit(); index++) {
            if (log.answer(index, plan.condition()).isEmpty()) {
                open.add(plan.question(index));
            }
        }
        Interview interview = new Interview(log, new LocalAnswers(model), plan.limit(), plan.limit() - open.size());
        output.open();
        log.open(identity, plan.model(), plan.scope(), interview.recorded(), RecordedAnswer.now());
        listener.started(interview.recorded(), plan.limit());
        write(log, output);
        interview.askAllThatFit(open, (question, answer) -> {
            listener.answered(interview.recorded(), plan.limit(), question.id(), answer.seconds());
            write(log, output);
        });
        log.done(interview.recorded(), RecordedAnswer.now());
    }

    /** Writes what can be written in the order of the questions. */
    private void write(RunLog log, StandardOutput output) throws IOException {
        while (!output.isComplete()) {
            RecordedAnswer answer =
                    log.answer(output.answers().size(), plan.condition()).orElse(null);
            if (answer == null) {
                return;
            }
            output.append(head(), rest(answer));
        }
    }

    private Map<String, Object> head() {
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("benchmark", plan.benchmark().nameInFiles());
        head.put("model", plan.model().name());
        return head;
    }

    private Map<String, Object> rest(RecordedAnswer answer) {
        Map<String, Object> rest = new LinkedHashMap<>();
        rest.put("response", answer.text());
        rest.put("elapsed_seconds", PythonRounding.round(answer.seconds(), 2));
        rest.put("condition", plan.condition());
        rest.put("finish_reason", answer.finishReason());
        rest.put("prompt_tokens", answer.promptTokens());
        rest.put("generated_tokens", answer.generatedTokens());
        rest.put("special_tokens_only", answer.specialTokensOnly());
        rest.put("ts", answer.time());
        return rest;
    }
}
