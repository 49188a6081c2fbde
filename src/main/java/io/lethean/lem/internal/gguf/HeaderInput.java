package io.lethean.lem.internal.gguf;

import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads the header of a file front to back into memory of ours.
 *
 * <p>The file is read, never mapped: another process may cut it short meanwhile, which here is an exception and not a
 * SIGBUS. No length from the file is believed before the file has proved long enough.
 */
final class HeaderInput {

    /** Far above any real vocabulary, far below a heap. */
    static final int LIMIT = 128 << 20;

    private final Path path;
    private final FileChannel channel;
    private final long fileSize;
    private byte[] buffer = new byte[64 << 10];
    private ByteBuffer view = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
    private int filled;
    private int position;

    HeaderInput(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.fileSize = channel.size();
    }

    int position() {
        return position;
    }

    long fileSize() {
        return fileSize;
    }

    /** Bytes of the file that have not been read. */
    long remaining() {
        return fileSize - position;
    }

    byte u8() throws IOException {
        int at = advance(1);
        return buffer[at];
    }

    int i32() throws IOException {
        int at = advance(Integer.BYTES);
        return view.getInt(at);
    }

    long i64() throws IOException {
        int at = advance(Long.BYTES);
        return view.getLong(at);
    }

    /** Little-endian bits of a value of 1, 2, 4 or 8 bytes. */
    long bits(int bytes) throws IOException {
        int at = advance(bytes);
        return switch (bytes) {
            case 1 -> view.get(at);
            case 2 -> view.getShort(at);
            case 4 -> view.getInt(at);
            default -> view.getLong(at);
        };
    }

    /** A string's bytes; what it is called is said in the refusal. */
    byte[] string(String what) throws IOException {
        int length = length(what, 1);
        int at = advance(length);
        return Arrays.copyOfRange(buffer, at, at + length);
    }

    /** Passes over a string and answers where its bytes start. */
    int skipString(String what) throws IOException {
        return advance(length(what, 1));
    }

    /** Passes over this many bytes and answers where they start. */
    int skip(int bytes) throws IOException {
        return advance(bytes);
    }

    byte[] copy(int from, int to) {
        return Arrays.copyOfRange(buffer, from, to);
    }

    /** A 64-bit count of things of at least this many bytes each, which the file is long enough to hold. */
    int length(String what, int bytesEach) throws IOException {
        long count = i64();
        if (count < 0 || count > remaining() / bytesEach) {
            throw refuse(
                    GgufRule.LENGTH,
                    what + " at byte " + (position - Long.BYTES) + " has the length " + Long.toUnsignedString(count)
                            + ", but only " + remaining() + " bytes follow");
        }
        if (count > (LIMIT - position) / bytesEach) {
            throw tooLong();
        }
        return (int) count;
    }

    private int advance(int bytes) throws IOException {
        if (bytes > fileSize - position) {
            throw refuse(GgufRule.HEADER, "it ends at byte " + fileSize + " in the middle of the header");
        }
        if (bytes > LIMIT - position) {
            throw tooLong();
        }
        int at = position;
        position += bytes;
        if (position > filled) {
            fill();
        }
        return at;
    }

    private void fill() throws IOException {
        if (position > buffer.length) {
            long wanted = Math.min(Math.max(position, 2L * buffer.length), LIMIT);
            buffer = Arrays.copyOf(buffer, (int) wanted);
            view = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
        }
        while (filled < position) {
            int read = channel.read(ByteBuffer.wrap(buffer, filled, buffer.length - filled), filled);
            if (read < 0) {
                throw refuse(GgufRule.HEADER, "it was cut short while it was read, at byte " + filled);
            }
            filled += read;
        }
    }

    private InvalidModelException tooLong() {
        return refuse(GgufRule.HEADER, "the header is longer than " + (LIMIT >> 20) + " MiB");
    }

    InvalidModelException refuse(GgufRule rule, String found) {
        return rule.refuse(path, found);
    }
}
