package io.lethean.lem.internal.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A new file that is forced to the disk while it is written, so that the disk works while the next tensors are computed
 * and little is left to wait for at the end. For one thread.
 */
final class SyncedFile implements WritableByteChannel, FileCopy.Target {

    private static final int PAGE = 4096;
    private static final int BUFFER_BYTES = 1 << 19;

    private final FileChannel channel;
    private final long interval;
    private long written;
    private @Nullable ByteBuffer buffer;
    private CompletableFuture<Void> forced = CompletableFuture.completedFuture(null);

    /**
     * @param interval bytes after which the disk is set to work again, unless it still is
     * @throws IOException if the file is there already, or cannot be made
     */
    SyncedFile(Path file, long interval) throws IOException {
        this.channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        this.interval = interval;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        int count = channel.write(bytes);
        countWritten(count);
        return count;
    }

    @Override
    public long transferFrom(FileChannel source, long position, long bytes) throws IOException {
        boolean wholePages = (position - channel.position()) % PAGE == 0;
        long copied = wholePages
                ? source.transferTo(position, Math.min(bytes, interval), channel)
                : throughBuffer(source, position, bytes);
        countWritten(Math.max(0, copied));
        return copied;
    }

    /** Faster than the system's copy, which writes each page in two pieces if the places differ within their pages. */
    private long throughBuffer(FileChannel source, long position, long bytes) throws IOException {
        ByteBuffer room = buffer == null ? ByteBuffer.allocateDirect(BUFFER_BYTES) : buffer;
        buffer = room;
        room.clear().limit((int) Math.min(bytes, BUFFER_BYTES));
        int read = source.read(room, position);
        room.flip();
        while (room.hasRemaining()) {
            channel.write(room);
        }
        return read;
    }

    private void countWritten(long count) throws IOException {
        written += count;
        if (written >= interval && forced.isDone()) {
            awaitDisk();
            written = 0;
            forced = CompletableFuture.runAsync(
                    this::force, task -> Thread.ofPlatform().daemon().start(task));
        }
    }

    private void force() {
        try {
            channel.force(false);
        } catch (IOException failed) {
            throw new CompletionException(failed);
        }
    }

    /** A failure that the disk reported once is not reported again, so it must not be lost. */
    private void awaitDisk() throws IOException {
        try {
            forced.join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof IOException reason ? reason : new IOException(failed.getCause());
        }
    }

    /** Waits until all of the file is on the disk. */
    void sync() throws IOException {
        awaitDisk();
        channel.force(true);
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        // Closing under a thread that forces would fail that thread.
        forced.exceptionally(failed -> null).join();
        channel.close();
    }
}
