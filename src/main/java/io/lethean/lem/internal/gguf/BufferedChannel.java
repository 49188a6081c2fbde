package io.lethean.lem.internal.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/** Little-endian output to a channel that gathers small pieces and knows its position. */
final class BufferedChannel implements WritableByteChannel, FileCopy.Target {

    private final WritableByteChannel target;
    private final ByteBuffer buffer;
    private long flushed;

    BufferedChannel(WritableByteChannel target, int bytes) {
        this.target = target;
        this.buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Bytes written so far, those still in the buffer included. */
    long position() {
        return flushed + buffer.position();
    }

    void putInt(int value) throws IOException {
        room(Integer.BYTES).putInt(value);
    }

    void putLong(long value) throws IOException {
        room(Long.BYTES).putLong(value);
    }

    void putBits(GgufType type, long bits) throws IOException {
        GgufArray.put(room(Long.BYTES), type, bits);
    }

    void putString(byte[] utf8) throws IOException {
        putLong(utf8.length);
        write(ByteBuffer.wrap(utf8));
    }

    void padTo(long position) throws IOException {
        while (position() < position) {
            room(1).put((byte) 0);
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int bytes = source.remaining();
        if (bytes > buffer.remaining()) {
            flush();
        }
        if (bytes > buffer.capacity()) {
            writeFully(source);
        } else {
            buffer.put(source);
        }
        return bytes;
    }

    @Override
    public long transferFrom(FileChannel source, long position, long bytes) throws IOException {
        flush();
        long copied = target instanceof FileCopy.Target file
                ? file.transferFrom(source, position, bytes)
                : source.transferTo(position, bytes, target);
        flushed += Math.max(0, copied);
        return copied;
    }

    private ByteBuffer room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
        return buffer;
    }

    private void flush() throws IOException {
        buffer.flip();
        writeFully(buffer);
        buffer.clear();
    }

    private void writeFully(ByteBuffer source) throws IOException {
        while (source.hasRemaining()) {
            flushed += target.write(source);
        }
    }

    @Override
    public boolean isOpen() {
        return target.isOpen();
    }

    /** Writes what is in the buffer; the target stays open. */
    @Override
    public void close() throws IOException {
        flush();
    }
}
