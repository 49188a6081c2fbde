package io.lethean.lem.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A question of a standard benchmark, with its reference answers.
 *
 * @param id such as {@code GSM8K_001}
 * @param prompt the question's {@code question}, or {@code prompt} where a text is to be continued
 * @param fields everything on its line that is not null, by its published name and in the line's order
 */
public record Question(String id, String prompt, Map<String, Object> fields) {

    public Question {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /**
     * All questions of a JSON Lines file.
     *
     * @throws MalformedDataException if a line is no JSON object or lacks an id or a question
     */
    public static List<Question> readAll(Path file) throws IOException {
        List<Question> questions = new ArrayList<>();
        try (JsonLineReader reader = new JsonLineReader(file)) {
            for (JsonLine line = reader.next(); line != null; line = reader.next()) {
                questions.add(from(line));
            }
        }
        return List.copyOf(questions);
    }

    private static Question from(JsonLine line) throws MalformedDataException {
        Map<String, Object> fields = line.object();
        fields.values().removeIf(value -> value == null);
        Object id = fields.get("id");
        Object prompt = fields.getOrDefault("question", fields.get("prompt"));
        if (id == null || !(prompt instanceof String text)) {
            throw line.malformed("a question needs \"id\" and a text as \"question\" or \"prompt\".");
        }
        return new Question(id.toString(), text, fields);
    }
}
