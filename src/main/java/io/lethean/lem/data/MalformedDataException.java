package io.lethean.lem.data;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A data file that does not hold what its format asks for; the message names the file and the place in it. */
public final class MalformedDataException extends IOException {

    private static final long serialVersionUID = 1L;

    MalformedDataException(Path file, String problem) {
        super(file + ": " + problem);
    }

    MalformedDataException(Path file, int line, String problem, @Nullable Throwable cause) {
        super(file + ":" + line + ": " + problem, cause);
    }
}
