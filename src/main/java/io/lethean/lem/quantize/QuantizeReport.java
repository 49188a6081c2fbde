package io.lethean.lem.quantize;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What quantizing did.
 *
 * @param converted the tensors that were written in another type, in the order of the file
 * @param copied how many tensors were copied byte for byte
 * @param bytes size of the output
 * @param fallbacks the tensors that were written in another type than asked for, in the order of the file
 * @param warnings what else a user should know, a sentence each
 */
public record QuantizeReport(
        List<TensorReport> converted, int copied, long bytes, List<TypeFallback> fallbacks, List<String> warnings) {

    /** Copies the lists, so that later changes of them do not count. */
    public QuantizeReport {
        converted = List.copyOf(converted);
        fallbacks = List.copyOf(fallbacks);
        warnings = List.copyOf(warnings);
    }

    /** {@return a sentence for each tensor that was written in another type than asked for, and the warnings} */
    public List<String> notes() {
        List<String> notes =
                fallbacks.stream().map(TypeFallback::note).collect(Collectors.toCollection(ArrayList::new));
        notes.addAll(warnings);
        return notes;
    }

    /** {@return the error of all converted tensors divided by their values; 0 without any} */
    public double relativeError() {
        double values = converted.stream()
                .mapToDouble(t -> t.valueNorm() * t.valueNorm())
                .sum();
        double errors = converted.stream()
                .mapToDouble(t -> t.errorNorm() * t.errorNorm())
                .sum();
        return values == 0 ? 0 : Math.sqrt(errors / values);
    }

    /** {@return the report with a line for each tensor that was written in another type than asked for} */
    public String text() {
        return text(notes());
    }

    /** {@return the report with one line for all tensors that were written in another type for the same reason} */
    public String summary() {
        List<String> lines = new ArrayList<>(TypeFallback.summary(fallbacks));
        lines.addAll(warnings);
        return text(lines);
    }

    private String text(List<String> lines) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%d tensors converted%s, %d copied unchanged, %.1f MB written%n",
                converted.size(),
                types(),
                copied,
                bytes / 1e6));
        text.append(String.format(Locale.ROOT, "error of writing, relative to the values: %.3g%n", relativeError()));
        lines.forEach(line -> text.append(line).append(System.lineSeparator()));
        return text.toString();
    }

    /** How many tensors were written in each type, the most frequent one first. */
    private String types() {
        if (converted.isEmpty()) {
            return "";
        }
        Map<String, Integer> counts = new LinkedHashMap<>();
        converted.forEach(each -> counts.merge(each.to(), 1, Integer::sum));
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .map(entry -> entry.getValue() + " to " + entry.getKey())
                .collect(Collectors.joining(", ", " (", ")"));
    }
}
