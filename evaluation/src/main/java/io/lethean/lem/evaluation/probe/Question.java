package io.lethean.lem.evaluation.probe;

import io.lethean.lem.MalformedDataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A question of a standard benchmark, with its reference answers.
 *
 * @param id such as {@code GSM8K_001}; its number in the file, from 1, if it has no id
 * @param prompt the question's {@code question}, or {@code prompt} if the model continues a text
 * @param fields everything on its line that is not null, by its published name and in the line's order
 */
public record Question(String id, String prompt, Map<String, Object> fields) {

    /** Copies the map, so that later changes of it do not count. */
    public Question {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /**
     * {@return all questions of a file: an object a line, a JSON array of objects, or CSV with a line of names, in the
     * published form or that of the original data sets} A question without an {@code id} gets its number, from 1.
     *
     * @param file the file of a benchmark
     * @throws MalformedDataException if a line is not a question, or two have the same id
     */
    public static List<Question> readAll(Path file) throws IOException {
        List<MalformedDataException> problems = new ArrayList<>();
        List<Question> questions = readGood(file, problems::add);
        if (!problems.isEmpty()) {
            throw problems.getFirst();
        }
        if (questions.isEmpty()) {
            throw new MalformedDataException(file, "it holds no questions.");
        }
        return questions;
    }

    /**
     * {@return the questions of a file; lines that are not questions are left out}
     *
     * @param file the file of a benchmark
     * @param problems receives each line that is left out
     * @throws MalformedDataException if the file as a whole is not a list of questions
     */
    public static List<Question> readGood(Path file, Consumer<MalformedDataException> problems) throws IOException {
        return new QuestionFile(file, problems).read();
    }
}
