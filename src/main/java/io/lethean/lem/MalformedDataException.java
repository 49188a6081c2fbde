package io.lethean.lem;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A data file that does not hold what its format asks for; the message names the file and the place in it. */
public final class MalformedDataException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * A fault of the whole file.
     *
     * @param file the file that was read
     * @param problem what was expected and found, as a sentence
     */
    public MalformedDataException(Path file, String problem) {
        super(file + ": " + problem);
    }

    /**
     * A fault in one line.
     *
     * @param file the file that was read
     * @param line counted from 1
     * @param problem what was expected and found, as a sentence
     * @param cause what led to it; null if nothing did
     */
    public MalformedDataException(Path file, int line, String problem, @Nullable Throwable cause) {
        super(file + ":" + line + ": " + problem, cause);
    }
}
