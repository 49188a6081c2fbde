package io.lethean.lem.convert;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What converting did.
 *
 * @param architecture the value of {@code general.architecture}
 * @param type the type that was chosen, such as {@code bf16}
 * @param tensors how many tensors were written in each type, by ggml's name
 * @param parameters how many values they have together
 * @param bytes size of the output
 * @param notes what a user should know, a sentence each
 */
public record ConvertReport(
        String architecture,
        String type,
        Map<String, Integer> tensors,
        long parameters,
        long bytes,
        List<String> notes) {

    /** Copies the lists and maps, so that later changes of them do not count. */
    public ConvertReport {
        tensors = Map.copyOf(tensors);
        notes = List.copyOf(notes);
    }

    /** {@return the report as text} */
    public String text() {
        String types = tensors.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(entry -> entry.getValue() + " as " + entry.getKey())
                .collect(Collectors.joining(", "));
        int count = tensors.values().stream().mapToInt(Integer::intValue).sum();
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s, %.1f million parameters: %d tensors written (%s), %.1f MB%n",
                architecture,
                parameters / 1e6,
                count,
                types,
                bytes / 1e6));
        notes.forEach(note -> text.append(note).append(System.lineSeparator()));
        return text.toString();
    }
}
