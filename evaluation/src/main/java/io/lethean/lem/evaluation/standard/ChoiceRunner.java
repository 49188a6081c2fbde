package io.lethean.lem.evaluation.standard;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.evaluation.internal.run.RunIdentity;
import io.lethean.lem.evaluation.internal.run.RunLog;
import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.evaluation.rescore.ScoreMeans;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.evaluation.standard.MultipleChoice.Choice;
import io.lethean.lem.evaluation.standard.MultipleChoice.Verdict;
import io.lethean.lem.internal.io.PythonRounding;
import io.lethean.lem.model.LogLikelihood;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs TruthfulQA by likelihood, every question's line on disk before the next is asked.
 *
 * <p>A run that was interrupted is continued by running it again, as with {@link StandardRunner}. A question that does
 * not fit the model's context, or has an answer without a token, has no score. A runner serves one thread.
 */
public final class ChoiceRunner {

    private static final double NANOS_PER_SECOND = 1e9;

    private final ChoicePlan plan;
    private final Supplier<? extends LikelihoodModel> model;
    private final StandardListener listener;

    /**
     * A runner of one benchmark by likelihood.
     *
     * @param plan what is asked of whom
     * @param model asked for the model once, before the first question, and not at all if every answer is recorded
     * @param listener receives the progress
     */
    public ChoiceRunner(ChoicePlan plan, Supplier<? extends LikelihoodModel> model, StandardListener listener) {
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
     * @throws io.lethean.lem.evaluation.BenchmarkException if the output was recorded with something else, or another run is
     *     writing it
     * @throws IOException if a file cannot be read or written, or holds something else
     */
    public StandardResult run(Path output, boolean overwrite) throws IOException {
        return StandardOutput.complete(output, overwrite, plan.identity(), plan.asked(), this::finish);
    }

    /**
     * {@return the means of mc1, mc2 and ties; questions without a score are counted}
     *
     * @param result what the run gave
     */
    public static ScoreMeans means(StandardResult result) {
        ScoreMeans means = new ScoreMeans();
        for (Map<String, Object> answer : result.answers()) {
            if (answer.get("mc1") == null) {
                means.addUnscored();
            } else {
                Map<String, @Nullable Object> values = new LinkedHashMap<>();
                List.of("mc1", "mc2", "mc1_tie").forEach(metric -> values.put(metric, answer.get(metric)));
                means.add((String) Objects.requireNonNull(answer.get("id")), values);
            }
        }
        return means;
    }

    private void finish(RunLog log, StandardOutput output, RunIdentity identity) throws IOException {
        if (output.isComplete()) {
            log.confirmDone(identity, plan.model(), plan.scope(), RecordedAnswer.now());
            return;
        }
        output.open();
        log.open(identity, plan.model(), plan.scope(), output.answers().size(), RecordedAnswer.now());
        listener.started(output.answers().size(), plan.limit());
        LikelihoodModel loaded = model.get();
        while (!output.isComplete()) {
            Question question = output.next();
            log.ask(output.answers().size(), question.id(), plan.condition(), RecordedAnswer.now());
            long start = System.nanoTime();
            Map<String, @Nullable Object> scored = ask(loaded, question);
            double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
            output.append(head(), rest(scored, seconds));
            log.scored(output.answers().size() - 1, question.id(), plan.condition(), RecordedAnswer.now());
            listener.answered(output.answers().size(), plan.limit(), question.id(), seconds);
        }
        log.done(output.answers().size(), RecordedAnswer.now());
    }

    private Map<String, @Nullable Object> ask(LikelihoodModel loaded, Question question) {
        MultipleChoice choices = MultipleChoice.of(question);
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        try {
            Map<String, LogLikelihood> likelihoods = likelihoods(loaded, question, choices.texts());
            Verdict verdict = choices.verdict(likelihoods);
            fields.put("response", verdict.chosen());
            fields.put("score", verdict.mc2());
            fields.put("mc1", verdict.mc1());
            fields.put("mc1_tie", verdict.tie());
            fields.put("mc2", verdict.mc2());
            fields.put("mc1_choices", described(choices.mc1(), likelihoods));
            fields.put("mc2_choices", described(choices.mc2(), likelihoods));
        } catch (ContextOverflowException | IllegalArgumentException e) {
            fields.put("response", "ERROR: " + e.getMessage());
            fields.put("finish_reason", "error");
            fields.put("score", null);
            fields.put("mc1", null);
            fields.put("mc2", null);
        }
        return fields;
    }

    private Map<String, LogLikelihood> likelihoods(LikelihoodModel loaded, Question question, List<String> texts) {
        List<LogLikelihood> sums = loaded.of(
                plan.context(question), texts.stream().map(text -> " " + text).toList());
        Map<String, LogLikelihood> byText = new LinkedHashMap<>();
        for (int i = 0; i < texts.size(); i++) {
            byText.put(texts.get(i), sums.get(i));
        }
        return byText;
    }

    private static List<Map<String, Object>> described(List<Choice> choices, Map<String, LogLikelihood> likelihoods) {
        List<Map<String, Object>> described = new ArrayList<>();
        for (Choice choice : choices) {
            LogLikelihood likelihood = Objects.requireNonNull(likelihoods.get(choice.text()));
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("text", choice.text());
            fields.put("right", choice.right());
            fields.put("log_likelihood", likelihood.sum());
            fields.put("tokens", (long) likelihood.tokens());
            fields.put("greedy", likelihood.greedy());
            described.add(fields);
        }
        return described;
    }

    private Map<String, Object> head() {
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("benchmark", StandardTasks.TRUTHFULQA_MC.nameInFiles());
        head.put("model", plan.model().name());
        return head;
    }

    private Map<String, @Nullable Object> rest(Map<String, @Nullable Object> scored, double seconds) {
        Map<String, @Nullable Object> rest = new LinkedHashMap<>();
        rest.put("response", scored.remove("response"));
        rest.put("elapsed_seconds", PythonRounding.round(seconds, 2));
        rest.put("condition", plan.condition());
        rest.put("preamble", plan.preamble().name());
        rest.putAll(scored);
        rest.put("ts", RecordedAnswer.now());
        return rest;
    }
}
