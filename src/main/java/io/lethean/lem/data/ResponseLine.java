package io.lethean.lem.data;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A recorded answer: a line with {@code response} and, as a rule, {@code id}.
 *
 * @param id as the line has it, a text or a number; an empty text where it has none
 * @param response the answer, exactly as generated
 * @param fields the whole line, in its order
 */
public record ResponseLine(Object id, String response, Map<String, @Nullable Object> fields) {

    public ResponseLine {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /**
     * Reads a line.
     *
     * @throws MalformedDataException if it is no JSON object or its response is no text
     */
    public static ResponseLine from(JsonLine line) throws MalformedDataException {
        Map<String, Object> fields = line.object();
        if (!(fields.get("response") instanceof String response)) {
            throw line.malformed("an answer needs a text as \"response\".");
        }
        Object id = fields.get("id");
        return new ResponseLine(id == null ? "" : id, response, fields);
    }
}
