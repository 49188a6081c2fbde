package io.lethean.lem.evaluation.judge;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.PythonJson;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A line of a {@link CachedJudge}'s file.
 *
 * @param key the hash of judge, version of the wording, and prompt
 * @param judge the judge's name; empty on a line without it
 * @param promptVersion the suite and the version of its wording; empty on a line without it
 * @param reply the whole reply
 */
record SavedReply(String key, String judge, String promptVersion, String reply) {

    /** How every line begins. */
    static final String LINE_BEGIN = "{\"key\": \"";

    /** Reads a line; empty if it is damaged or lacks its key or its reply. */
    static Optional<SavedReply> read(JsonLine line) {
        try {
            Map<String, Object> fields = line.object();
            return fields.get("key") instanceof String key && fields.get("reply") instanceof String reply
                    ? Optional.of(new SavedReply(key, text(fields, "judge"), text(fields, "prompt_version"), reply))
                    : Optional.empty();
        } catch (MalformedDataException e) {
            // A line that cannot be read costs one more request.
            return Optional.empty();
        }
    }

    private static String text(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof String text ? text : "";
    }

    /** The line, with its line feed. */
    String line() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("key", key);
        fields.put("judge", judge);
        fields.put("prompt_version", promptVersion);
        fields.put("reply", reply);
        return PythonJson.write(fields) + "\n";
    }
}
