package io.lethean.lem.internal.safetensors;

import io.lethean.lem.InvalidModelException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Map;

/**
 * A safetensors file with a checked header; values are read on demand.
 *
 * <p>No file stays open between calls. Any thread may read.
 */
public final class SafetensorsFile {

    private static final int BLOCK_BYTES = 1 << 12;

    private final Path path;
    private final long dataStart;
    private final Map<String, SafetensorsEntry> entries;

    private SafetensorsFile(Path path, long dataStart, Map<String, SafetensorsEntry> entries) {
        this.path = path;
        this.dataStart = dataStart;
        this.entries = entries;
    }

    /**
     * Reads and checks the header.
     *
     * @throws InvalidModelException if the file is not a safetensors file, or contradicts itself
     * @throws IOException when the file cannot be read
     */
    public static SafetensorsFile open(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            byte[] header = readHeader(path, channel);
            long dataStart = (long) Long.BYTES + header.length;
            SafetensorsHeader parsed = SafetensorsHeader.parse(path, header, channel.size() - dataStart);
            return new SafetensorsFile(path, dataStart, parsed.entries());
        }
    }

    private static byte[] readHeader(Path path, FileChannel channel) throws IOException {
        if (channel.size() < Long.BYTES) {
            throw SafetensorsHeader.invalid(
                    "length",
                    path,
                    "has " + channel.size()
                            + " bytes, and the length of its header alone takes 8; it is not a safetensors file,"
                            + " or truncated");
        }
        long length = read(channel, 0, Long.BYTES).getLong();
        if (length < 2 || length > SafetensorsHeader.MAX_BYTES) {
            throw SafetensorsHeader.invalid(
                    "header-length",
                    path,
                    "announces a header of "
                            + Long.toUnsignedString(length) + " bytes, and between 2 and " + SafetensorsHeader.MAX_BYTES
                            + " are accepted; it is probably no safetensors file");
        }
        if (length > channel.size() - Long.BYTES) {
            throw SafetensorsHeader.invalid(
                    "header-length",
                    path,
                    "announces a header of " + length + " bytes and has only " + (channel.size() - Long.BYTES)
                            + " bytes left for it; it is cut off");
        }
        return read(channel, Long.BYTES, (int) length).array();
    }

    public Path path() {
        return path;
    }

    /** Where the data begin in the file; the positions of entries count from there. */
    public long dataStart() {
        return dataStart;
    }

    /** The tensors in the order of the header. */
    public Collection<SafetensorsEntry> entries() {
        return entries.values();
    }

    /**
     * All values of a tensor, as the file orders them (the last dimension runs fastest).
     *
     * @throws InvalidModelException when its type is none of F64, F32, F16 and BF16, or it has too many values
     * @throws IOException when the file cannot be read, or has become shorter
     */
    public float[] floats(SafetensorsEntry entry) throws IOException {
        requireReadable(entry);
        float[] values = new float[Math.toIntExact(entry.elements())];
        copy(entry, values, 0);
        return values;
    }

    /**
     * Puts all values of a tensor into an array from an index on.
     *
     * @throws InvalidModelException as {@link #floats}
     * @throws IOException as {@link #floats}
     */
    public void copy(SafetensorsEntry entry, float[] into, int at) throws IOException {
        requireReadable(entry);
        int count = Math.toIntExact(entry.elements());
        ByteBuffer block =
                ByteBuffer.allocate(Math.min(BLOCK_BYTES, count * entry.type().bytes()));
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            for (int done = 0; done < count; ) {
                int length = Math.min(block.capacity() / entry.type().bytes(), count - done);
                long from =
                        dataStart + entry.begin() + (long) done * entry.type().bytes();
                read(channel, from, block.clear().limit(length * entry.type().bytes()));
                for (int i = 0; i < length; i++) {
                    into[at + done++] = entry.type().get(block);
                }
            }
        }
    }

    private void requireReadable(SafetensorsEntry entry) {
        if (!entry.type().isReadable()) {
            throw SafetensorsHeader.invalid(
                    "tensor-type",
                    path,
                    "keeps tensor " + entry.name() + " as " + entry.type()
                            + ", and only F64, F32, F16 and BF16 can be read; convert it to one of these first");
        }
        if (entry.elements() > Integer.MAX_VALUE - 8) {
            throw SafetensorsHeader.invalid(
                    "tensor-size",
                    path,
                    "has a tensor " + entry.name() + " of " + entry.elements()
                            + " values, more than an array may have");
        }
    }

    private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
        return read(channel, position, ByteBuffer.allocate(length));
    }

    /** Fills the buffer's remaining room, and turns it to be read from the beginning. */
    private static ByteBuffer read(FileChannel channel, long position, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException("A file ended " + buffer.remaining() + " bytes early while it was read.");
            }
        }
        return buffer.flip().order(ByteOrder.LITTLE_ENDIAN);
    }
}
