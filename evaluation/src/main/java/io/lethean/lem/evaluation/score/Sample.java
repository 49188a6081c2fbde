package io.lethean.lem.evaluation.score;

import io.lethean.lem.evaluation.probe.Question;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model was asked, with whatever the benchmark knows about a right answer.
 *
 * @param id the probe's or question's id; may be empty
 * @param prompt the text that was asked; may be empty where only the answer is scored
 * @param fields further fields of the question, such as {@code correct_answer}, by their published names
 */
public record Sample(String id, String prompt, Map<String, Object> fields) {

    /** Copies the map, so that later changes of it do not count. */
    public Sample {
        fields = Map.copyOf(fields);
    }

    /**
     * {@return a question as a sample}
     *
     * @param question a question of a benchmark
     */
    public static Sample of(Question question) {
        return new Sample(question.id(), question.prompt(), question.fields());
    }

    /**
     * {@return the questions of a benchmark file by their ids}
     *
     * @param questions the file of a benchmark
     * @throws io.lethean.lem.MalformedDataException if a line is not a question; the message names file and line
     */
    public static Map<String, Sample> readAll(Path questions) throws IOException {
        return byId(Question.readAll(questions));
    }

    /**
     * {@return questions by their ids}
     *
     * @param questions questions of a benchmark
     */
    public static Map<String, Sample> byId(List<Question> questions) {
        Map<String, Sample> samples = new LinkedHashMap<>();
        questions.forEach(question -> samples.put(question.id(), of(question)));
        return samples;
    }

    /**
     * {@return a sample of which only the id matters, for scorers that look at the answer alone}
     *
     * @param id the id of the answer
     */
    public static Sample ofId(String id) {
        return new Sample(id, "", Map.of());
    }
}
