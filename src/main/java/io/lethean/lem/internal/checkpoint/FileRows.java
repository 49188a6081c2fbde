package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;

/** Rows that follow each other in a file. */
final class FileRows implements Rows {

    private final Path file;
    private final FileChannel channel;
    private final long position;
    private final GgmlType type;
    private final long count;
    private final int columns;

    FileRows(Path file, FileChannel channel, long position, GgmlType type, long count, int columns) {
        this.file = file;
        this.channel = channel;
        this.position = position;
        this.type = type;
        this.count = count;
        this.columns = columns;
    }

    @Override
    public GgmlType type() {
        return type;
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public boolean isPlain() {
        return true;
    }

    @Override
    public void read(long from, int rows, ByteBuffer into) throws IOException {
        int bytes = Math.multiplyExact(rows, rowBytes());
        readFully(file, channel, position + from * rowBytes(), into, bytes);
    }

    /** Reads exactly so many bytes. */
    static void readFully(Path file, FileChannel channel, long from, ByteBuffer into, int bytes) throws IOException {
        int limit = into.limit();
        into.limit(into.position() + bytes);
        long at = from;
        while (into.hasRemaining()) {
            int read = channel.read(into, at);
            if (read < 0) {
                throw new EOFException("The file " + file + " ended " + into.remaining()
                        + " bytes early while it was read; it was cut short by another program.");
            }
            at += read;
        }
        into.limit(limit);
    }

    @Override
    public Optional<FileRange> range() {
        return Optional.of(new FileRange(channel, position, count * rowBytes()));
    }
}
