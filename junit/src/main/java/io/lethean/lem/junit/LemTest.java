package io.lethean.lem.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that compares a model's answers with a recorded run.
 *
 * <pre>{@code
 * @LemModelFile("models/assistant.gguf")
 * class AssistantTest {
 *
 *     @LemTest(probes = "probes.json", kernel = "src/main/resources/kernel.txt", maxTokens = 64)
 *     void kernelKeepsItsScore() {}
 *
 *     @LemTest(questions = "sums.jsonl", scorer = "gsm8k")
 *     void stillCalculates(Candidate candidate) {
 *         candidate.kernel(Kernel.ofText("brief", Prompts.BRIEF));
 *     }
 * }
 * }</pre>
 *
 * <p>The method runs first. It may have a parameter of type {@link Candidate}, which describes what is asked and has the last word
 * over this annotation, and one of type {@code LemModel}. Then every probe is answered and scored, and the scores are compared with
 * those of the record, in pairs by probe. The test fails only if the interval of the mean difference is below zero as a whole. It
 * passes, and says so in a report entry and in the log, if the answers are better, if no difference is seen, and, unless {@link
 * #tooFewPairs()} says otherwise, if there are too few pairs to tell.
 *
 * <p>The record is a file of the form that {@code lem benchmark} writes, at {@code
 * src/test/resources/<package>/<Class>.<method>.jsonl}. It is written only on request: run the test with the configuration parameter
 * {@code lem.junit.record=true}. A test without a record fails and says so. A record with other probes, another scorer or version, and,
 * unless {@link #mayDiffer()} allows it, another model or other options is refused by name.
 *
 * <p>Configuration parameters are those of JUnit: system properties, or lines in {@code junit-platform.properties}.
 *
 * <table>
 * <caption>Configuration parameters</caption>
 * <tr><th>name</th><th>value</th></tr>
 * <tr><td>{@code lem.junit.record}</td><td>{@code true} writes the record of each test that runs, {@code missing} only those that do
 * not exist; default {@code false}</td></tr>
 * <tr><td>{@code lem.junit.records}</td><td>the folder of all records; default {@code src/test/resources}</td></tr>
 * <tr><td>{@code lem.junit.output}</td><td>the folder of the answers of this run; default {@code target/lem-junit}, or {@code
 * build/lem-junit} where a Gradle build is</td></tr>
 * <tr><td>{@code lem.junit.model}</td><td>the model of a {@link LemModelFile} without a value, and of tests without one</td></tr>
 * <tr><td>{@code lem.junit.judge}</td><td>the judge of tests that name no judge</td></tr>
 * <tr><td>{@code lem.junit.missing-model}</td><td>{@code abort} or {@code fail}: what a test does without its model; default {@code
 * fail} where the variable {@code CI} is set, else {@code abort}</td></tr>
 * </table>
 *
 * <p>Paths are looked for in the working folder, then next to the record. Tests may run in parallel; they share one model per file.
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Test
@ExtendWith(LemModelExtension.class)
@ExtendWith(LemTestExtension.class)
public @interface LemTest {

    /** {@return a file of probes: a JSON array, or one JSON object a line} */
    String probes() default "";

    /** {@return a file of questions with reference answers, for scorers that need them, such as {@code gsm8k}} */
    String questions() default "";

    /** {@return prompts as texts; their ids are their numbers, from 1} */
    String[] prompts() default {};

    /**
     * {@return a file with a kernel, which is the system turn; its condition is named after the file} Without a value, probes are asked
     * without a system turn.
     */
    String kernel() default "";

    /** {@return the scorer's name: one of the rules of {@code lem score} such as {@code v2}, or a suite that a judge rates} */
    String scorer() default "v2";

    /**
     * {@return the judge of a suite: {@code gemini[=MODEL]}, {@code openai=URL[#MODEL]} or {@code local=FILE}} Without a value it is
     * the configuration parameter {@code lem.junit.judge}.
     */
    String judge() default "";

    /** {@return the most tokens of an answer, at least 1} */
    int maxTokens() default 256;

    /** {@return answers per probe; more than 1 only above temperature 0} A probe counts once, with the mean of its scores. */
    int samples() default 1;

    /** {@return the level of the interval, between 0 and 1} */
    double level() default 0.95;

    /**
     * {@return the fewest pairs on which the test may fail, at least 2} With fewer than 6 pairs, even a fall of every pair is not significant
     * at 5 % by the sign test, and the interval of equal differences has no width.
     */
    int minPairs() default 6;

    /** {@return what the test does if there are fewer pairs} */
    TooFewPairs tooFewPairs() default TooFewPairs.PASS;

    /**
     * {@return how many probes may have a score in the record and none now} More fail the test, because the answers that are left could be
     * the good ones. Raise it if replies of the judge sometimes have no rating.
     */
    int mayLose() default 0;

    /** {@return what may differ from the recorded run; what else differs is refused} */
    RunPart[] mayDiffer() default {RunPart.KERNEL};

    /**
     * {@return the record's file, relative to the folder of the test's package in {@code lem.junit.records}} Without a value it is as
     * described above.
     */
    String record() default "";
}
