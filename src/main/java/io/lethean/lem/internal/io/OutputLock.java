package io.lethean.lem.internal.io;

import io.lethean.lem.OutputInUseException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Prevents a second run with the same output, by a lock on a file next to it. The lock ends with the process, also if
 * it is killed.
 *
 * <p>On Linux, closing any channel on a file releases the process's locks on it. Therefore the lock is not on the
 * output, and a file that this process has locked is never opened a second time.
 */
public final class OutputLock implements Closeable {

    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private OutputLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes the lock of an output. The folder must exist.
     *
     * @throws OutputInUseException if another run holds it
     */
    public static OutputLock acquire(Path output) throws IOException {
        Path folder = Objects.requireNonNullElse(output.toAbsolutePath().getParent(), output)
                .toRealPath();
        Path file = folder.resolve(output.getFileName() + ".lock");
        if (!HELD.add(file)) {
            throw new OutputInUseException(output, file);
        }
        OutputLock lock = null;
        try {
            while (lock == null) {
                lock = tryAcquire(file, output);
            }
            return lock;
        } finally {
            if (lock == null) {
                HELD.remove(file);
            }
        }
    }

    /** One attempt; null if the file was replaced meanwhile, since its holder deletes it on leaving. */
    private static @Nullable OutputLock tryAcquire(Path file, Path output) throws IOException {
        create(file);
        FileChannel channel = null;
        boolean acquired = false;
        try {
            Object before = key(file);
            channel = FileChannel.open(file, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                throw new OutputInUseException(output, file);
            }
            acquired = Objects.equals(before, key(file));
            return acquired ? new OutputLock(file, channel) : null;
        } catch (NoSuchFileException e) {
            return null;
        } finally {
            if (channel != null && !acquired) {
                channel.close();
            }
        }
    }

    private static void create(Path file) throws IOException {
        try {
            Files.createFile(file);
        } catch (FileAlreadyExistsException e) {
            // Left by a run that was killed, or held by one that is running: the lock tells.
        }
    }

    private static @Nullable Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    @Override
    public void close() throws IOException {
        try {
            Files.deleteIfExists(file);
        } finally {
            channel.close();
            HELD.remove(file);
        }
    }
}
