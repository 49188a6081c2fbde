package io.lethean.lem.evaluation.report;

import io.lethean.lem.internal.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** The form of a report, chosen by the suffix of its file. */
public enum ReportForm {
    /** One self-contained page; {@code .html}. */
    HTML,
    /** {@code .md}. */
    MARKDOWN,
    /** A row per answer; {@code .csv}. */
    CSV,
    /** {@code .json}. */
    JSON;

    /**
     * {@return the form that a file's suffix names}
     *
     * @param file the file to write
     * @throws IllegalArgumentException if the suffix is unknown
     */
    public static ReportForm of(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        String suffix = name.substring(name.lastIndexOf('.') + 1);
        return switch (suffix) {
            case "html", "htm" -> HTML;
            case "md", "markdown" -> MARKDOWN;
            case "csv" -> CSV;
            case "json" -> JSON;
            default ->
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "The suffix of %s names no form of a report; choose .html, .md, .csv or .json.",
                        file));
        };
    }

    /**
     * Writes a text; the file is replaced in one step, so that it is complete at any moment.
     *
     * @param file the file to write
     * @param text its whole content
     * @throws IOException if the file cannot be written
     */
    public static void write(Path file, String text) throws IOException {
        AtomicFile.writeText(file, text);
    }
}
