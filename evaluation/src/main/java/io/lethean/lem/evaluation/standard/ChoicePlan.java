package io.lethean.lem.evaluation.standard;

import io.lethean.lem.evaluation.internal.run.IdentityRules;
import io.lethean.lem.evaluation.internal.run.RunIdentity;
import io.lethean.lem.evaluation.internal.run.RunScope;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.evaluation.run.ModelIdentity;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * TruthfulQA by likelihood.
 *
 * @param model who chooses
 * @param questions all of its file, in their order, at least one
 * @param limit how many of them are asked, from the first on
 * @param kernel text before everything else, followed by a blank line
 * @param preamble the text before the question
 */
public record ChoicePlan(
        ModelIdentity model, List<Question> questions, int limit, Optional<Kernel> kernel, Preamble preamble) {

    /** How the plan identifies its run. The limit is excluded, because more questions may be asked later. */
    static final IdentityRules<ChoicePlan> IDENTITY = new IdentityRules<>(ChoicePlan.class)
            .rule("model", ChoicePlan::putModel)
            .rule("questions", (identity, plan) -> QuestionIdentity.put(identity, plan.questions()))
            .rule("kernel", (identity, plan) -> QuestionIdentity.put(identity, plan.kernel()))
            .rule(
                    "preamble",
                    (identity, plan) ->
                            identity.with("preamble", plan.preamble().name()))
            .excluding("limit");

    /**
     * Checks the values and copies the list.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ChoicePlan {
        questions = List.copyOf(questions);
        if (limit < 1 || questions.isEmpty()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "A benchmark needs at least one question, and there are %d, limited to %d.",
                    questions.size(),
                    limit));
        }
        limit = Math.min(limit, questions.size());
        questions.subList(0, limit).forEach(MultipleChoice::of);
    }

    /** {@return the questions that are asked} */
    public List<Question> asked() {
        return questions.subList(0, limit);
    }

    /** {@return the kernel's name, or {@code baseline}} */
    public String condition() {
        return kernel.map(Kernel::name).orElse(Kernel.BASELINE);
    }

    String context(Question question) {
        return kernel.map(text -> text.text() + "\n\n").orElse("") + preamble.context(question.prompt());
    }

    RunScope scope() {
        return new RunScope(List.of(condition()), limit);
    }

    RunIdentity identity() {
        return RunIdentity.of(this, IDENTITY);
    }

    private static void putModel(RunIdentity identity, ChoicePlan plan) {
        identity.with(plan.model()).with("benchmark", StandardTasks.TRUTHFULQA_MC.label());
    }
}
