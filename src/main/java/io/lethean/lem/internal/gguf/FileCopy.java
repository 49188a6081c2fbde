package io.lethean.lem.internal.gguf;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/** Copies parts of files to a channel, by the operating system where the channel leads to a file. */
public final class FileCopy {

    /** A channel that passes bytes of a file on without seeing them. */
    interface Target {
        /** Copies up to this number of bytes, and says how many. */
        long transferFrom(FileChannel source, long position, long bytes) throws IOException;
    }

    private FileCopy() {}

    /**
     * Copies bytes.
     *
     * @throws EOFException if the source ends before that
     */
    public static void copy(FileChannel source, long position, long bytes, WritableByteChannel to) throws IOException {
        long at = position;
        long end = position + bytes;
        while (at < end) {
            long copied = to instanceof Target target
                    ? target.transferFrom(source, at, end - at)
                    : source.transferTo(at, end - at, to);
            if (copied <= 0) {
                throw new EOFException("A file ended " + (end - at)
                        + " bytes early while it was copied; it was cut short" + " by another program.");
            }
            at += copied;
        }
    }
}
