package io.lethean.lem.internal.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** A new folder among the temporary files, which only this user can read; closing deletes it with its files. */
public final class TemporaryFolder implements Closeable {

    private final Path path;

    private TemporaryFolder(Path path) {
        this.path = path;
    }

    /**
     * Makes a folder.
     *
     * @param prefix of its name, which says what made it, should the process be killed before it is deleted
     * @throws IOException with a sentence that names the folder of temporary files and the remedy
     */
    public static TemporaryFolder create(String prefix) throws IOException {
        Path parent = Path.of(System.getProperty("java.io.tmpdir", "")).toAbsolutePath();
        try {
            return new TemporaryFolder(Files.createTempDirectory(parent, prefix));
        } catch (IOException e) {
            throw explained(parent, e);
        }
    }

    public Path path() {
        return path;
    }

    /** Writes files in a folder. */
    @FunctionalInterface
    public interface Content {
        void writeTo(Path folder) throws IOException;
    }

    /**
     * Writes files in this folder.
     *
     * @throws IOException with a sentence that names the folder of temporary files and the remedy
     */
    public void write(Content content) throws IOException {
        try {
            content.writeTo(path);
        } catch (IOException e) {
            throw explained(path, e);
        }
    }

    private static IOException explained(Path folder, IOException failure) {
        if (failure.getCause() instanceof IOException cause && AtomicFile.isFull(cause)) {
            return explained(folder, cause);
        }
        String reason = failure instanceof NoSuchFileException
                ? "there is no such folder"
                : failure instanceof FileSystemException file && file.getReason() != null
                        ? file.getReason()
                        : String.valueOf(failure.getMessage());
        return new IOException(
                String.format(
                        Locale.ROOT,
                        "Temporary files could not be written in %s (%s). Make room there, or name another folder for"
                                + " temporary files: TMPDIR=FOLDER for the lem command,"
                                + " -Djava.io.tmpdir=FOLDER for Java.",
                        folder,
                        reason),
                failure);
    }

    /** Deletes what can be deleted; the system clears the rest with its other temporary files. */
    @Override
    public void close() {
        try (Stream<Path> files = Files.list(path)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(path);
        } catch (IOException left) {
            // As said above.
        }
    }
}
