package io.lethean.lem.internal.io;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Writes folders that appear complete or not at all: the files go to a folder next to the target, which is then renamed.
 *
 * <p>An older folder is replaced only if every file in it is one that is written here by name. A process that is killed
 * leaves {@code NAME.part}, which the next run with the same target removes; killed between two renames, it leaves the
 * older folder as {@code NAME.old}.
 */
public final class AtomicFolder {

    private AtomicFolder() {}

    /** Fills the temporary folder. */
    @FunctionalInterface
    public interface Content {
        void writeTo(Path folder) throws IOException;
    }

    /**
     * Writes a folder.
     *
     * @param own tells by a file's name whether it may be replaced
     * @throws FileAlreadyExistsException if the target is a file, or a folder with a file that may not be replaced
     * @throws IOException if writing fails; an older folder is then as it was
     */
    public static void write(Path target, Predicate<String> own, Content content) throws IOException {
        Path folder = Files.exists(target)
                ? target.toRealPath()
                : target.toAbsolutePath().normalize();
        Path parent = folder.getParent();
        if (parent == null || folder.getFileName() == null) {
            throw new FileSystemException(
                    target.toString(), null, target + " cannot be replaced; name a folder in it.");
        }
        requireReplaceable(folder, own);
        Files.createDirectories(parent);
        try (OutputLock _ = OutputLock.acquire(folder)) {
            Path part = parent.resolve(folder.getFileName() + ".part");
            delete(part);
            Files.createDirectory(part);
            try {
                content.writeTo(part);
                replace(part, folder);
            } finally {
                delete(part);
            }
        }
    }

    private static void requireReplaceable(Path folder, Predicate<String> own) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.isDirectory(folder)) {
            throw new FileAlreadyExistsException(
                    folder.toString(), null, folder + " is a file, and a folder is written; choose another name.");
        }
        for (Path file : files(folder)) {
            String name = String.valueOf(file.getFileName());
            if (!own.test(name) || Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(
                        folder.toString(),
                        null,
                        "The folder " + folder + " holds " + name
                                + ", which is not a file of an exported model; choose another folder.");
            }
        }
    }

    private static void replace(Path part, Path folder) throws IOException {
        if (!Files.exists(folder)) {
            Files.move(part, folder);
            return;
        }
        Path old = folder.resolveSibling(folder.getFileName() + ".old");
        delete(old);
        Files.move(folder, old);
        try {
            Files.move(part, folder);
        } catch (IOException failed) {
            Files.move(old, folder);
            throw failed;
        }
        delete(old);
    }

    private static List<Path> files(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(files::add);
        }
        return files;
    }

    /** Deletes a folder of files; a folder in it is a reason to stop. */
    private static void delete(Path folder) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            for (Path file : files(folder)) {
                Files.delete(file);
            }
            Files.delete(folder);
        }
    }
}
