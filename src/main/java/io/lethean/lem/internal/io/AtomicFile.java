package io.lethean.lem.internal.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Writes files that appear complete or not at all: the content goes to a temporary file in the same folder, which is
 * then renamed to the target. After a failure an older file at the target is unchanged and no temporary file is left.
 */
public final class AtomicFile {

    /** What operating systems say when a disk or a quota is full; the JDK does not add the path. */
    private static final Pattern FULL =
            Pattern.compile("no space left|quota exceeded|file too large|not enough space", Pattern.CASE_INSENSITIVE);

    private AtomicFile() {}

    /** Creates the temporary file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(Path part) throws IOException;
    }

    /** Fills the temporary file through a channel. */
    @FunctionalInterface
    public interface ChannelContent {
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Writes a file; the folder is created if it is missing.
     *
     * @throws FileSystemException with a sentence that names the target, if the disk is full
     * @throws IOException if writing fails
     */
    public static void write(Path target, Content content) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || target.getFileName() == null) {
            throw new FileSystemException(target.toString(), null, target + " is a folder and cannot be written.");
        }
        Files.createDirectories(folder);
        Path part = folder.resolve(target.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            content.writeTo(part);
            replace(part, target);
        } catch (IOException failed) {
            throw named(target, failed);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Writes a file and forces it to the disk before it takes its name. */
    public static void writeForced(Path target, ChannelContent content) throws IOException {
        write(target, part -> {
            try (FileChannel channel =
                    FileChannel.open(part, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                content.writeTo(channel);
                channel.force(true);
            }
        });
    }

    /** Writes a text as UTF-8. */
    public static void writeText(Path target, String text) throws IOException {
        write(target, part -> Files.writeString(part, text, StandardCharsets.UTF_8));
    }

    /** Writes all remaining bytes of a buffer. */
    public static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void replace(Path part, Path target) throws IOException {
        try {
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Whether a failure means that a disk or a quota is full. */
    public static boolean isFull(IOException failure) {
        String reason = failure instanceof FileSystemException named ? named.getReason() : failure.getMessage();
        return reason != null
                && !reason.contains("could not be written")
                && FULL.matcher(reason).find();
    }

    /** A failure of writing a file. If the disk is full, a sentence that names the file, which the JDK leaves out. */
    public static IOException named(Path file, IOException failure) {
        return isFull(failure) ? full(file, failure) : failure;
    }

    /** The failure as a sentence that names the file. */
    public static FileSystemException full(Path file, IOException failure) {
        String reason = failure instanceof FileSystemException named ? named.getReason() : failure.getMessage();
        FileSystemException sentence = new FileSystemException(
                file.toString(),
                null,
                String.format(
                        Locale.ROOT,
                        "%s could not be written: %s. Free some space there, or choose another folder.",
                        file,
                        reason));
        sentence.initCause(failure);
        return sentence;
    }
}
