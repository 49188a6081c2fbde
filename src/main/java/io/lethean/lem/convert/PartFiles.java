package io.lethean.lem.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Temporary files next to an output. */
final class PartFiles {

    private static final String UNIQUE = "\\.[0-9a-f-]{36}\\.part";

    private PartFiles() {}

    /** A name next to the output that no other file has. */
    static Path next(Path output) {
        return output.resolveSibling(output.getFileName() + "." + UUID.randomUUID() + ".part");
    }

    /** Deletes the temporary files of conversions to this output that were killed; the caller holds the output's lock. */
    static void removeLeft(Path output) throws IOException {
        Path folder = output.toAbsolutePath().getParent();
        if (folder == null) {
            return;
        }
        Pattern left = Pattern.compile(Pattern.quote(String.valueOf(output.getFileName())) + "(?:" + UNIQUE + ")+");
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (left.matcher(String.valueOf(file.getFileName())).matches()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
