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

    public Sample {
        fields = Map.copyOf(fields);
    }

    /** A question as a sample. */
    public static Sample of(Question question) {
        return new Sample(question.id(), question.prompt(), question.fields());
    }

    /**
     * The questions of a benchmark file by their ids.
     *
     * @throws io.lethean.lem.MalformedDataException if a line is not a question; the message names file and line
     */
    public static Map<String, Sample> readAll(Path questions) throws IOException {
        return byId(Question.readAll(questions));
    }

    /** Questions by their ids. */
    public static Map<String, Sample> byId(List<Question> questions) {
        Map<String, Sample> samples = new LinkedHashMap<>();
        questions.forEach(question -> samples.put(question.id(), of(question)));
        return samples;
    }

    /** A sample of which only the id matters, for scorers that look at the answer alone. */
    public static Sample ofId(String id) {
        return new Sample(id, "", Map.of());
    }
}
