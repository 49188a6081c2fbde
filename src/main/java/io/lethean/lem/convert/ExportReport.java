package io.lethean.lem.convert;

import java.util.List;
import java.util.Locale;

/**
 * What exporting did.
 *
 * @param className the class that transformers loads the model with
 * @param dtype the type of the weights, such as {@code bf16}
 * @param tensors how many tensors were written
 * @param parameters how many values they have together
 * @param bytes size of the weights' files
 * @param files the names of all files
 * @param notes what a user should know, a sentence each
 */
public record ExportReport(
        String className,
        String dtype,
        int tensors,
        long parameters,
        long bytes,
        List<String> files,
        List<String> notes) {

    /** Copies the lists, so that later changes of them do not count. */
    public ExportReport {
        files = List.copyOf(files);
        notes = List.copyOf(notes);
    }

    /** {@return the report as text} */
    public String text() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s, %.1f million parameters: %d tensors written as %s, %.1f MB%nFiles: %s%n",
                className,
                parameters / 1e6,
                tensors,
                dtype,
                bytes / 1e6,
                String.join(", ", files)));
        notes.forEach(note -> text.append(note).append(System.lineSeparator()));
        return text.toString();
    }
}
