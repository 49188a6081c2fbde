package io.lethean.lem.internal.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects what a test measured as a Markdown table in {@code target}, for the documentation. */
final class ProofTable {

    private final Path file;
    private final List<String> lines = new ArrayList<>();

    ProofTable(String name, String... columns) {
        file = Path.of("target", name + ".md");
        lines.add("| architecture | " + String.join(" | ", columns) + " |");
        lines.add("|---|" + "---|".repeat(columns.length));
    }

    /** Adds a row and writes the file. */
    synchronized void add(TestModel model, double... values) throws IOException {
        StringBuilder row =
                new StringBuilder("| " + model.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " |");
        for (double value : values) {
            row.append(String.format(Locale.ROOT, " %.1e |", value));
        }
        lines.add(row.toString());
        Files.createDirectories(file.getParent());
        Files.write(file, lines);
    }
}
