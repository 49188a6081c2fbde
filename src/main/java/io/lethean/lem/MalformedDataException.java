package io.lethean.lem;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A data file that does not hold what its format asks for; the message names the file and the place in it. */
public final class MalformedDataException extends IOException {

    private static final long serialVersionUID = 1L;

    /** A fault of the whole file. */
    public MalformedDataException(Path file, String problem) {
        super(file + ": " + problem);
    }

    /**
     * A fault in one line.
     *
     * @param line counted from 1
     */
    public MalformedDataException(Path file, int line, String problem, @Nullable Throwable cause) {
        super(file + ":" + line + ": " + problem, cause);
    }
}
