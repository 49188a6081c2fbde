package io.lethean.lem.convert;

import java.util.List;
import java.util.Locale;

/**
 * What quantizing did.
 *
 * @param converted the tensors that were written in another type, in the order of the file
 * @param copied how many tensors were copied byte for byte
 * @param bytes size of the output
 * @param notes where a tensor was written in another type than asked for, and why; a sentence each
 */
public record QuantizeReport(List<TensorReport> converted, int copied, long bytes, List<String> notes) {

    public QuantizeReport {
        converted = List.copyOf(converted);
        notes = List.copyOf(notes);
    }

    /** The error of all converted tensors divided by their values; 0 without any. */
    public double relativeError() {
        double values = converted.stream()
                .mapToDouble(t -> t.valueNorm() * t.valueNorm())
                .sum();
        double errors = converted.stream()
                .mapToDouble(t -> t.errorNorm() * t.errorNorm())
                .sum();
        return values == 0 ? 0 : Math.sqrt(errors / values);
    }

    /** The report as a few lines of text. */
    public String text() {
        StringBuilder text = new StringBuilder(headline());
        notes.forEach(note -> text.append(note).append(System.lineSeparator()));
        return text.toString();
    }

    /** The report without its notes. */
    public String headline() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%d tensors converted, %d copied unchanged, %.1f MB written%n",
                converted.size(),
                copied,
                bytes / 1e6));
        text.append(String.format(Locale.ROOT, "error of writing, relative to the values: %.3g%n", relativeError()));
        return text.toString();
    }
}
