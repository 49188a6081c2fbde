package io.lethean.lem.evaluation.standard;

import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.model.GenerationOptions;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A standard benchmark: its questions, prompt, settings and verdict. A new task is one class and its line in {@link
 * StandardTasks}; the class may bring rules of its own as {@link #rules}, and {@link #examples} that tests check.
 */
public interface StandardTask {

    /** {@return the name by which the task is chosen, such as {@code do-not-answer}} */
    String label();

    /** {@return the name in files, such as {@code do_not_answer}} */
    default String nameInFiles() {
        return label().replace('-', '_');
    }

    /** {@return the published settings of the answers} */
    GenerationOptions publishedOptions();

    /** {@return text before the question and a blank line; may be empty} */
    default String instruction() {
        return "";
    }

    /**
     * {@return the text that a model is given} {@code plain} is for models that were not trained on conversations.
     *
     * @param question the question
     * @param plain whether the model was not trained on conversations
     */
    default String prompt(Question question, boolean plain) {
        return instruction().isEmpty()
                ? question.prompt()
                : instruction() + "\n\n" + question.prompt() + (plain ? "\n\nAnswer:" : "");
    }

    /** {@return fields of a question, one of which a scorer needs; empty if a scorer needs no reference} */
    default List<String> references() {
        return List.of();
    }

    /** {@return the name of the scorer of its answers; empty if likelihoods are the score} */
    String scorer();

    /** {@return the scorer of its answers, for a task that needs no judge} */
    default Scorer rules() {
        return Scorers.named(scorer());
    }

    /** {@return whether the model generates answers; if not, it chooses by likelihood} */
    default boolean generates() {
        return true;
    }

    /** {@return questions with answers and the score of each} */
    default List<Example> examples() {
        return List.of();
    }

    /**
     * An answer with its score.
     *
     * @param fields of the question, as a line of its file has them
     * @param answer to the question
     * @param score of the answer
     */
    record Example(Map<String, Object> fields, String answer, double score) {}

    /**
     * Checks that a question has what its answer is scored by.
     *
     * @param question the question
     * @throws IllegalArgumentException if a question lacks what its answer is scored by
     */
    default void requireReference(Question question) {
        if (!references().isEmpty() && references().stream().noneMatch(question.fields()::containsKey)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "The question \"%s\" has no reference for %s; its file should give %s.",
                    question.id(),
                    label(),
                    String.join(" or ", references())));
        }
    }
}
