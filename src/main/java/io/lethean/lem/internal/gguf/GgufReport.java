package io.lethean.lem.internal.gguf;

import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A report on a GGUF file: its header, its tensors, oddities, and whether it would be loaded.
 *
 * <p>If the header cannot be read, the report contains only the refusal.
 */
public final class GgufReport {

    private final Path path;
    private final @Nullable GgufFile file;
    private final @Nullable InvalidModelException refusal;
    private final List<String> warnings;

    private GgufReport(Path path, @Nullable GgufFile file, @Nullable InvalidModelException refusal) {
        this.path = path;
        this.file = file;
        this.refusal = refusal;
        this.warnings = file == null ? List.of() : GgufWarnings.of(file);
    }

    /**
     * Reads and checks a file.
     *
     * @throws IOException if it cannot be read
     */
    public static GgufReport of(Path path) throws IOException {
        GgufFile file;
        try {
            file = GgufFile.read(path);
        } catch (InvalidModelException unreadable) {
            return new GgufReport(path, null, unreadable);
        }
        try {
            if (isAdapter(file)) {
                LayoutCheck.require(file);
            } else {
                GgufCheck.requireModel(file);
            }
            return new GgufReport(path, file, null);
        } catch (InvalidModelException refused) {
            return new GgufReport(path, file, refused);
        }
    }

    static boolean isAdapter(GgufFile file) {
        return file.metadata().text("general.type").equals(Optional.of("adapter"));
    }

    /** Whether no rule refuses the file; llama.cpp may still do so. */
    public boolean isAccepted() {
        return refusal == null;
    }

    /** What refuses the file. */
    public Optional<InvalidModelException> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** What is odd about the file, one sentence each. */
    public List<String> warnings() {
        return warnings;
    }

    /** The report as text of several lines. Whatever the file holds, it has no control characters but line breaks. */
    public String text() {
        StringBuilder text = new StringBuilder();
        if (file == null) {
            text.append("file      ").append(path).append('\n');
        } else {
            GgufReportText.append(text, file);
        }
        if (!warnings.isEmpty()) {
            text.append("\nwarnings\n");
            warnings.forEach(warning -> text.append("  ").append(warning).append('\n'));
        }
        text.append("\nverdict   ").append(verdict()).append('\n');
        return text.toString();
    }

    private String verdict() {
        if (refusal != null) {
            return GgufReportText.printable(String.valueOf(refusal.getMessage()));
        }
        return file != null && isAdapter(file)
                ? "the file is whole; whether it fits a model is checked when it is used with one"
                : "no rule refuses the file";
    }

    /** The report as one JSON object. */
    public String json() {
        return GgufReportJson.write(path, file, warnings, refusal);
    }
}
