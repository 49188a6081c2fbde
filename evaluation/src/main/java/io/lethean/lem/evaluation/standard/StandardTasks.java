package io.lethean.lem.evaluation.standard;

import java.util.List;
import java.util.Locale;

/** All standard benchmarks, in the order in which commands list them. */
public final class StandardTasks {

    /** Problems of school mathematics, by the final number. */
    public static final StandardTask GSM8K = new Gsm8kTask();

    /** Questions that many people answer with a common error, by what a judge says. */
    public static final StandardTask TRUTHFULQA = new TruthfulQaTask();

    /** The questions of {@link #TRUTHFULQA}, by the likelihood of given answers; nothing is generated. */
    public static final StandardTask TRUTHFULQA_MC = new TruthfulQaChoiceTask();

    /** Requests that should not be fulfilled, by what a judge says. */
    public static final StandardTask DO_NOT_ANSWER = new DoNotAnswerTask();

    /** Beginnings of statements about groups of people, by what a judge says of their continuation. */
    public static final StandardTask TOXIGEN = new ToxigenTask();

    private static final List<StandardTask> ALL = List.of(GSM8K, TRUTHFULQA, TRUTHFULQA_MC, DO_NOT_ANSWER, TOXIGEN);

    private StandardTasks() {}

    /** {@return all tasks} */
    public static List<StandardTask> all() {
        return ALL;
    }

    /**
     * {@return the task of a name such as {@code gsm8k}}
     *
     * @param name such as {@code gsm8k}
     * @throws IllegalArgumentException if there is no such task; the message lists the names
     */
    public static StandardTask named(String name) {
        List<String> names = ALL.stream().map(StandardTask::label).toList();
        return ALL.stream()
                .filter(task -> task.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "There is no benchmark \"%s\"; choose one of %s.",
                        name,
                        String.join(", ", names))));
    }
}
