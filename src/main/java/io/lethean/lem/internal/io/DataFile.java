package io.lethean.lem.internal.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens data files; the JDK does not say which path turned out to be a folder. */
public final class DataFile {

    private DataFile() {}

    /** @throws FileSystemException if it is a folder */
    static Path requireNoFolder(Path file) throws FileSystemException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "it is a folder, and a file was expected");
        }
        return file;
    }

    public static byte[] readAll(Path file) throws IOException {
        return Files.readAllBytes(requireNoFolder(file));
    }
}
