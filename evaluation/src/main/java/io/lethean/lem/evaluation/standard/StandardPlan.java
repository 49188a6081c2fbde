package io.lethean.lem.evaluation.standard;

import io.lethean.lem.Message;
import io.lethean.lem.evaluation.internal.run.IdentityRules;
import io.lethean.lem.evaluation.internal.run.RunIdentity;
import io.lethean.lem.evaluation.internal.run.RunScope;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.RunQuestion;
import io.lethean.lem.model.GenerationOptions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A standard benchmark with generated answers.
 *
 * @param model the model that answers
 * @param benchmark the task
 * @param questions all of its file, in their order, at least one
 * @param limit how many of them are asked, from the first on
 * @param kernel given as the system turn of every question
 * @param plain without the model's chat template, as published for models without chat training: the
 *     question is text, and where an instruction precedes it, {@code Answer:} follows
 * @param options of every answer
 */
public record StandardPlan(
        ModelIdentity model,
        StandardTask benchmark,
        List<Question> questions,
        int limit,
        Optional<Kernel> kernel,
        boolean plain,
        GenerationOptions options) {

    /** The condition under which answers without a kernel are recorded. */
    private static final String NO_KERNEL = Kernel.BASELINE;

    /** How the plan identifies its run. The limit is excluded, because more questions may be asked later. */
    static final IdentityRules<StandardPlan> IDENTITY = new IdentityRules<>(StandardPlan.class)
            .rule("model", (identity, plan) -> identity.with(plan.model()))
            .rule(
                    "benchmark",
                    (identity, plan) ->
                            identity.with("benchmark", plan.benchmark().label()))
            .rule("questions", (identity, plan) -> QuestionIdentity.put(identity, plan.questions()))
            .rule("kernel", (identity, plan) -> QuestionIdentity.put(identity, plan.kernel()))
            .rule("plain", StandardPlan::putPrompt)
            .rule("options", (identity, plan) -> identity.with(plan.options()))
            .excluding("limit");

    /**
     * Checks the values and copies the list.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public StandardPlan {
        questions = List.copyOf(questions);
        if (!benchmark.generates()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "The benchmark %s generates nothing; its plan is a ChoicePlan.", benchmark.label()));
        }
        if (limit < 1 || questions.isEmpty()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "A benchmark needs at least one question, and there are %d, limited to %d.",
                    questions.size(),
                    limit));
        }
        limit = Math.min(limit, questions.size());
        questions.subList(0, limit).forEach(benchmark::requireReference);
    }

    /** {@return the questions that are asked} */
    public List<Question> asked() {
        return questions.subList(0, limit);
    }

    /** {@return the kernel's name, or {@code baseline}} */
    public String condition() {
        return kernel.map(Kernel::name).orElse(NO_KERNEL);
    }

    RunQuestion question(int index) {
        Question question = questions.get(index);
        return new RunQuestion(index, question.id(), condition(), messages(question), options);
    }

    private List<Message> messages(Question question) {
        Message user = Message.user(benchmark.prompt(question, plain));
        return kernel.map(system -> List.of(Message.system(system.text()), user))
                .orElse(List.of(user));
    }

    RunScope scope() {
        return new RunScope(List.of(condition()), limit);
    }

    RunIdentity identity() {
        return RunIdentity.of(this, IDENTITY);
    }

    private static void putPrompt(RunIdentity identity, StandardPlan plan) {
        identity.with("instruction", plan.benchmark().instruction()).with("plain", plan.plain() ? "yes" : null);
    }
}
