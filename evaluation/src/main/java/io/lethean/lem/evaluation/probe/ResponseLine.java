package io.lethean.lem.evaluation.probe;

import io.lethean.lem.MalformedDataException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A recorded answer: a line with {@code response} and usually {@code id}.
 *
 * @param id as the line has it, a text or a number; an empty text if it has no id
 * @param response the answer, exactly as generated
 * @param fields the whole line, in its order
 */
public record ResponseLine(Object id, String response, Map<String, @Nullable Object> fields) {

    /** Copies the map, so that later changes of it do not count. */
    public ResponseLine {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /**
     * Reads a line.
     *
     * @param file the file that the line comes from, for messages
     * @param line its number, counted from 1
     * @param fields the JSON object of the line
     * @return the line
     * @throws MalformedDataException if its response is not a text
     */
    public static ResponseLine from(Path file, int line, Map<String, @Nullable Object> fields)
            throws MalformedDataException {
        if (!(fields.get("response") instanceof String response)) {
            throw new MalformedDataException(file, line, "an answer needs a text as \"response\".", null);
        }
        Object id = fields.get("id");
        return new ResponseLine(id == null ? "" : id, response, fields);
    }
}
