package io.lethean.lem.internal.gguf;

import io.lethean.lem.internal.io.OpenFiles;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/**
 * Reads tensors' data from the files of a model.
 *
 * <p>The files stay open until {@link #close()}. They are read, never mapped, so that one that is cut short meanwhile is
 * an {@link IOException}. Safe for use by several threads.
 */
public final class GgufTensorData implements AutoCloseable {

    private final GgufFile file;
    private final OpenFiles channels = new OpenFiles();

    private GgufTensorData(GgufFile file) {
        this.file = file;
    }

    /** Opens the files of a model. */
    public static GgufTensorData open(GgufFile file) throws IOException {
        GgufTensorData data = new GgufTensorData(file);
        try {
            for (GgufHeader part : file.parts()) {
                data.channels.open(part.path());
            }
            return data;
        } catch (IOException | RuntimeException e) {
            data.close();
            throw e;
        }
    }

    /**
     * Fills the buffer's remaining room from a tensor's data.
     *
     * @param from the first byte wanted, counted from the start of the tensor's data
     * @throws IllegalArgumentException if the tensor ends before the buffer is full
     * @throws IOException if the file ends before that, or reading fails
     */
    public void read(GgufTensor tensor, long from, ByteBuffer into) throws IOException {
        if (from < 0 || into.remaining() > tensor.bytes() - from) {
            throw new IllegalArgumentException("Tensor " + tensor.name() + " has " + tensor.bytes() + " bytes; "
                    + into.remaining() + " from byte " + from + " were asked for.");
        }
        FileChannel channel = channels.get(tensor.part());
        long at = file.dataOffset(tensor) + from;
        while (into.hasRemaining()) {
            int read = channel.read(into, at);
            if (read < 0) {
                throw truncated(tensor);
            }
            at += read;
        }
    }

    /** All bytes of a tensor that fits into an array. */
    public byte[] bytes(GgufTensor tensor) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(tensor.bytes())];
        read(tensor, 0, ByteBuffer.wrap(bytes));
        return bytes;
    }

    /** Copies a tensor's bytes to a channel. */
    public void copy(GgufTensor tensor, WritableByteChannel to) throws IOException {
        try {
            FileCopy.copy(channels.get(tensor.part()), file.dataOffset(tensor), tensor.bytes(), to);
        } catch (EOFException e) {
            throw truncated(tensor);
        }
    }

    private IOException truncated(GgufTensor tensor) {
        return new IOException("The file " + file.paths().get(tensor.part()) + " ends before the data of tensor "
                + tensor.name() + " do; it is incomplete or was cut short while it was read.");
    }

    @Override
    public void close() throws IOException {
        channels.close();
    }
}
