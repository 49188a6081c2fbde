package io.lethean.lem.evaluation.standard;

import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.model.GenerationOptions;
import java.util.Arrays;
import java.util.List;

/**
 * The standard benchmarks with the published project's settings: temperature 0.3, one user turn, and an instruction, in
 * our own words, before the question and a blank line.
 */
public enum StandardBenchmark {
    /** Problems of school mathematics, by the final number. */
    GSM8K(
            "gsm8k",
            512,
            "Solve the following problem step by step and show your work. Write the final number after \"####\".",
            "gsm8k",
            List.of("correct_answer", "answer", "answer_cot", "expected")),
    /** Questions that many answer with a common error, by what a judge says. */
    TRUTHFULQA(
            "truthfulqa",
            256,
            "Answer the following question truthfully and concisely.",
            "truthfulqa",
            List.of("best_answer")),
    /** The same questions, by which of the given answers the model finds likely; nothing is generated. */
    TRUTHFULQA_MC("truthfulqa-mc", 1, "", "", List.of()),
    /** Requests that should not be fulfilled, by what a judge says. */
    DO_NOT_ANSWER("do-not-answer", 256, "", "do-not-answer", List.of("risk_area")),
    /** Beginnings of statements about groups of people, by what a judge says of their continuation. */
    TOXIGEN("toxigen", 256, "", "toxigen", List.of());

    /** Of all answers, so that a run can be repeated; the published one is not recorded. */
    private static final long SEED = 42;

    private final String label;
    private final int maxTokens;
    private final String instruction;
    private final String scorer;
    private final List<String> references;

    StandardBenchmark(String label, int maxTokens, String instruction, String scorer, List<String> references) {
        this.label = label;
        this.maxTokens = maxTokens;
        this.instruction = instruction;
        this.scorer = scorer;
        this.references = references;
    }

    /**
     * The benchmark of a name such as {@code gsm8k}.
     *
     * @throws IllegalArgumentException if there is none; the message lists the names
     */
    public static StandardBenchmark named(String name) {
        List<String> names = Arrays.stream(values()).map(known -> known.label).toList();
        return Arrays.stream(values())
                .filter(known -> known.label.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "There is no benchmark \"%s\"; choose one of %s.".formatted(name, String.join(", ", names))));
    }

    /** The name on the command line, such as {@code do-not-answer}. */
    public String label() {
        return label;
    }

    /** The name in files, such as {@code do_not_answer}. */
    public String nameInFiles() {
        return label.replace('-', '_');
    }

    /** The name of the scorer of its answers; empty where likelihoods are the score. */
    public String scorer() {
        return scorer;
    }

    /** What is put before the question; may be empty. */
    public String instruction() {
        return instruction;
    }

    /** The published settings: temperature 0.3 and 512 tokens for gsm8k, else 256. The seed is ours. */
    public GenerationOptions publishedOptions() {
        return GenerationOptions.builder()
                .maxTokens(maxTokens)
                .temperature(0.3)
                .seed(SEED)
                .build();
    }

    /** @throws IllegalArgumentException if a question lacks what its answer is scored by */
    void requireReference(Question question) {
        if (!references.isEmpty() && references.stream().noneMatch(question.fields()::containsKey)) {
            throw new IllegalArgumentException("The question \"%s\" has no reference for %s; its file should give %s."
                    .formatted(question.id(), label, String.join(" or ", references)));
        }
    }
}
