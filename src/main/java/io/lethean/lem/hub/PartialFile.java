package io.lethean.lem.hub;

import io.lethean.lem.internal.io.AtomicFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What has arrived of a file, with the checksum of it. */
final class PartialFile implements Closeable {

    private static final int BUFFER_BYTES = 1 << 20;

    private final Path path;
    private final RemoteFile file;
    private FileChannel channel;
    private BlobDigest digest;
    private long length;

    private PartialFile(Path path, RemoteFile file) throws IOException {
        this.path = path;
        this.file = file;
        channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        digest = new BlobDigest(file);
    }

    /** Opens what an earlier attempt left, or a new file. */
    static PartialFile open(Path path, RemoteFile file) throws IOException {
        PartialFile partial = new PartialFile(path, file);
        boolean read = false;
        try {
            if (partial.channel.size() > file.size()) {
                partial.restart();
            }
            partial.readAgain();
            read = true;
            return partial;
        } finally {
            if (!read) {
                partial.close();
            }
        }
    }

    private void readAgain() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        while (channel.read(buffer.clear(), length) > 0) {
            buffer.flip();
            length += buffer.remaining();
            digest.update(buffer);
        }
    }

    /** Bytes that have arrived. */
    long length() {
        return length;
    }

    /** Bytes that are still to come. */
    long missing() {
        return file.size() - length;
    }

    /**
     * Adds bytes and consumes them.
     *
     * @throws java.nio.file.FileSystemException with a sentence that names the file, if the disk is full
     */
    void append(ByteBuffer bytes) throws IOException {
        ByteBuffer counted = bytes.duplicate();
        try {
            while (bytes.hasRemaining()) {
                length += channel.write(bytes, length);
            }
        } catch (IOException e) {
            throw AtomicFile.named(path, e);
        }
        digest.update(counted);
    }

    /**
     * Starts from nothing, in a new file. The old one is not shortened: if a lock did not hold, another process may have
     * given it its final name.
     */
    void restart() throws IOException {
        channel.close();
        Files.deleteIfExists(path);
        channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        digest = new BlobDigest(file);
        length = 0;
    }

    /** What is wrong with the complete content; empty if it is right. To be asked once. */
    String difference() {
        return digest.difference();
    }

    /** Makes sure that the content survives a power failure before it takes its name. */
    void force() throws IOException {
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
