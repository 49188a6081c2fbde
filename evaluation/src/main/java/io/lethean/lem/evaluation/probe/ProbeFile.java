package io.lethean.lem.evaluation.probe;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.internal.io.DataFile;
import io.lethean.lem.internal.io.Json;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.internal.io.Utf8;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Reads files of probes: a JSON array of objects or of plain strings, or one object a line.
 *
 * <p>An object needs {@code prompt}. {@code id}, else {@code seed_id}, may be a text or a number; the category is
 * {@code category}, else {@code domain}, else {@code uncategorised}. Other keys are ignored.
 */
public final class ProbeFile {

    private ProbeFile() {}

    /**
     * {@return all probes of a file, in its order}
     *
     * @param file a file of probes, JSON or JSON lines
     * @throws MalformedDataException if the file is not such a list, is empty, or an item has no prompt
     */
    public static List<Probe> read(Path file) throws IOException {
        String text = text(file);
        List<?> items = text.stripLeading().startsWith("{") ? JsonLineReader.readAll(file) : array(file, text);
        if (items.isEmpty()) {
            throw new MalformedDataException(file, "it holds no probes.");
        }
        List<Probe> probes = new ArrayList<>();
        for (int index = 0; index < items.size(); index++) {
            probes.add(probe(file, index, items.get(index)));
        }
        return List.copyOf(probes);
    }

    private static String text(Path file) throws IOException {
        byte[] bytes = DataFile.readAll(file);
        try {
            return Utf8.decode(bytes, Utf8.byteOrderMark(bytes), bytes.length);
        } catch (CharacterCodingException e) {
            throw new MalformedDataException(file, "it is not UTF-8 text.");
        }
    }

    private static List<?> array(Path file, String text) throws MalformedDataException {
        try {
            if (Json.parse(text) instanceof List<?> items) {
                return items;
            }
        } catch (JacksonException e) {
            throw new MalformedDataException(file, "it is not JSON: " + Json.problem(e) + ".");
        }
        throw new MalformedDataException(file, "probes are a JSON array, or one JSON object a line.");
    }

    private static Probe probe(Path file, int index, @Nullable Object item) throws MalformedDataException {
        if (item instanceof String prompt) {
            return new Probe("", Probe.UNCATEGORISED, prompt);
        }
        if (!(item instanceof Map<?, ?> fields)) {
            throw new MalformedDataException(file, place(index) + " is neither an object nor a text.");
        }
        if (!(fields.get("prompt") instanceof String prompt) || prompt.isEmpty()) {
            throw new MalformedDataException(file, place(index) + " has no \"prompt\" text.");
        }
        return new Probe(id(fields), category(fields), prompt);
    }

    private static String place(int index) {
        return "the probe at index " + index + " (counted from 0)";
    }

    private static String id(Map<?, ?> fields) {
        Object id = fields.get("id") == null ? fields.get("seed_id") : fields.get("id");
        return id == null ? "" : id.toString();
    }

    private static String category(Map<?, ?> fields) {
        Object category = fields.get("category") == null ? fields.get("domain") : fields.get("category");
        return category == null ? Probe.UNCATEGORISED : category.toString().toLowerCase(Locale.ROOT);
    }
}
