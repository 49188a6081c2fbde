package io.lethean.lem;

import java.nio.file.Path;
import java.util.Locale;

/** Another run is writing the same output: in this process, or in another one. */
public final class OutputInUseException extends LemException {

    private static final long serialVersionUID = 1L;

    /**
     * Names the output and the lock.
     *
     * @param output the file that was to be written
     * @param lock the file that the other run holds
     */
    public OutputInUseException(Path output, Path lock) {
        super(
                String.format(
                        Locale.ROOT,
                        "Another run is writing %s (it holds %s); wait for it, or choose another output.",
                        output,
                        lock.getFileName()),
                null);
    }
}
