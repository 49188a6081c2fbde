package io.lethean.lem.hub;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Lets one download of a file run at a time, among the threads of this process and among processes. The lock ends with
 * the process, also if it is killed; its file stays, as that of Python's clients does.
 *
 * <p>On Linux, closing any channel on a file releases the process's locks on it. Therefore a thread opens the file only
 * while it holds the permit of this process.
 */
final class BlobLock implements Closeable {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Map<Path, Semaphore> PERMITS = new ConcurrentHashMap<>();

    private final Semaphore permit;
    private final FileChannel channel;

    private BlobLock(Semaphore permit, FileChannel channel) {
        this.permit = permit;
        this.channel = channel;
    }

    /**
     * Waits for the lock.
     *
     * @param waiting called once if another download holds it
     */
    static BlobLock acquire(Path file, Runnable waiting) throws IOException {
        Path real = Objects.requireNonNull(file.getParent()).toRealPath().resolve(file.getFileName());
        Semaphore permit = PERMITS.computeIfAbsent(real, key -> new Semaphore(1));
        boolean told = !permit.tryAcquire();
        if (told) {
            waiting.run();
            acquire(permit);
        }
        FileChannel channel = null;
        try {
            for (channel = locked(real); channel == null; channel = locked(real)) {
                if (!told) {
                    waiting.run();
                    told = true;
                }
                Pause.sleep(POLL);
            }
            return new BlobLock(permit, channel);
        } finally {
            if (channel == null) {
                permit.release();
            }
        }
    }

    private static void acquire(Semaphore permit) throws IOException {
        try {
            permit.acquire();
        } catch (InterruptedException e) {
            throw HubHttp.interrupted(e);
        }
    }

    /** A channel with the lock; null if another process holds it, or the file was replaced meanwhile. */
    private static @Nullable FileChannel locked(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean held = false;
        try {
            Object before = key(file);
            held = channel.tryLock() != null && Objects.equals(before, key(file));
            return held ? channel : null;
        } catch (NoSuchFileException removed) {
            return null;
        } finally {
            if (!held) {
                channel.close();
            }
        }
    }

    private static @Nullable Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            permit.release();
        }
    }
}
