package io.lethean.lem.internal.gguf;

import io.lethean.lem.internal.io.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a GGUF file: collect metadata and tensors, then {@link #write(Path)}.
 *
 * <p>Metadata and tensors keep the order in which they were given. Tensor data are produced one tensor after the other
 * while the file is written, so that memory does not grow with the model. The file is written next to its target and
 * renamed when it is complete; a failure leaves an older file of that name as it was.
 */
public final class GgufWriter {

    private static final int BUFFER_BYTES = 1 << 20;
    private static final long SYNC_BYTES = 64L << 20;

    private final Map<String, GgufValue> metadata = new LinkedHashMap<>();
    private final Map<String, Planned> tensors = new LinkedHashMap<>();
    private int version = 3;
    private boolean forced = true;

    private record Planned(GgufTensor tensor, TensorSource source) {}

    /** Produces the data of one tensor. */
    @FunctionalInterface
    public interface TensorSource {

        /** Writes exactly the tensor's bytes, in pieces of any size; the channel takes each piece whole. */
        void writeTo(WritableByteChannel channel) throws IOException;

        /** Data that are in memory already. */
        static TensorSource of(byte[] bytes) {
            return channel -> channel.write(ByteBuffer.wrap(bytes));
        }
    }

    /** The format version to write, 2 or 3; 3 unless set. Their layout is the same. */
    public GgufWriter version(int version) {
        if (version != 2 && version != 3) {
            throw new IllegalArgumentException(
                    "GGUF files of version " + version + " cannot be written, only 2 and 3.");
        }
        this.version = version;
        return this;
    }

    /**
     * Whether the file is on the disk when {@link #write} returns, so that it outlives a loss of power; true unless set.
     * A killed process never leaves half a file either way.
     */
    public GgufWriter forced(boolean forced) {
        this.forced = forced;
        return this;
    }

    /** Adds a metadata value, or replaces the value of this key and keeps its position. */
    public GgufWriter put(String key, GgufValue value) {
        if (key.isEmpty()) {
            throw new IllegalArgumentException("A metadata key must not be empty.");
        }
        metadata.put(key, value);
        return this;
    }

    /** Adds a text value. */
    public GgufWriter put(String key, String value) {
        return put(key, GgufValue.of(value));
    }

    /** Adds all values of a file. */
    public GgufWriter putAll(GgufMetadata values) {
        values.asMap().forEach(this::put);
        return this;
    }

    /** Removes a metadata value, if it is there. */
    public GgufWriter remove(String key) {
        metadata.remove(key);
        return this;
    }

    /**
     * Adds a tensor.
     *
     * @param dims elements per dimension, the contiguous one first
     * @throws IllegalArgumentException if there is one of this name, or name, shape and type do not suit a GGUF file
     */
    public GgufWriter tensor(String name, List<Long> dims, GgmlType type, TensorSource source) {
        int nameBytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (nameBytes == 0 || nameBytes > GgufHeader.MAX_NAME_BYTES || tensors.containsKey(name)) {
            throw new IllegalArgumentException("The tensor name '" + name + "' is taken, or has " + nameBytes
                    + " bytes, where 1 to " + GgufHeader.MAX_NAME_BYTES + " are possible.");
        }
        if (dims.isEmpty() || dims.size() > GgufHeader.MAX_DIMS || dims.stream().anyMatch(dim -> dim < 1)) {
            throw new IllegalArgumentException("The tensor " + name + " cannot have the shape " + dims + ".");
        }
        type.rowBytes(dims.getFirst());
        tensors.put(name, new Planned(new GgufTensor(name, dims, type, 0, 0), source));
        return this;
    }

    /** Adds a tensor that is copied from a file. */
    public GgufWriter copy(GgufTensor tensor, GgufTensorData from) {
        return tensor(tensor.name(), tensor.dims(), tensor.type(), channel -> from.copy(tensor, channel));
    }

    /**
     * Writes the file.
     *
     * @throws IOException if writing fails, or a tensor's source writes another number of bytes than its shape says
     */
    public void write(Path target) throws IOException {
        AtomicFile.write(target, part -> {
            try (SyncedFile file = new SyncedFile(part, forced ? SYNC_BYTES : Long.MAX_VALUE)) {
                write(file, target);
                if (forced) {
                    file.sync();
                }
            }
        });
    }

    private void write(WritableByteChannel channel, Path target) throws IOException {
        long alignment = alignment();
        try (BufferedChannel out = new BufferedChannel(channel, BUFFER_BYTES)) {
            writeHeader(out, alignment);
            if (!tensors.isEmpty()) {
                out.padTo(GgufHeader.padded(out.position(), alignment));
            }
            for (Planned planned : tensors.values()) {
                writeData(out, planned, alignment, target);
            }
        }
    }

    private long alignment() {
        GgufValue value = metadata.get(GgufHeader.ALIGNMENT_KEY);
        if (value == null) {
            return GgufHeader.DEFAULT_ALIGNMENT;
        }
        if (value instanceof GgufScalar scalar
                && scalar.type() == GgufType.UINT32
                && Long.bitCount(scalar.asLong()) == 1) {
            return scalar.asLong();
        }
        throw new IllegalStateException(
                GgufHeader.ALIGNMENT_KEY + " must be a UINT32 and a power of two but is " + value + ".");
    }

    private void writeHeader(BufferedChannel out, long alignment) throws IOException {
        out.putInt(GgufHeader.MAGIC);
        out.putInt(version);
        out.putLong(tensors.size());
        out.putLong(metadata.size());
        for (Map.Entry<String, GgufValue> entry : metadata.entrySet()) {
            out.putString(entry.getKey().getBytes(StandardCharsets.UTF_8));
            writeValue(out, entry.getValue());
        }
        long offset = 0;
        for (Planned planned : tensors.values()) {
            writeDescription(out, planned.tensor(), offset);
            offset += GgufHeader.padded(planned.tensor().bytes(), alignment);
        }
    }

    private static void writeValue(BufferedChannel out, GgufValue value) throws IOException {
        out.putInt(value.type().id());
        switch (value) {
            case GgufScalar scalar -> out.putBits(scalar.type(), scalar.bits());
            case GgufText text -> out.putString(text.shared());
            case GgufArray array -> {
                out.putInt(array.elementType().id());
                out.putLong(array.size());
                out.write(ByteBuffer.wrap(array.encoded()));
            }
        }
    }

    private static void writeDescription(BufferedChannel out, GgufTensor tensor, long offset) throws IOException {
        out.putString(tensor.name().getBytes(StandardCharsets.UTF_8));
        out.putInt(tensor.dims().size());
        for (long dim : tensor.dims()) {
            out.putLong(dim);
        }
        out.putInt(tensor.type().id());
        out.putLong(offset);
    }

    private static void writeData(BufferedChannel out, Planned planned, long alignment, Path target)
            throws IOException {
        long start = out.position();
        planned.source().writeTo(out);
        long written = out.position() - start;
        if (written != planned.tensor().bytes()) {
            throw new IOException("Writing " + target + " failed: tensor "
                    + planned.tensor().name() + " ("
                    + planned.tensor().shape() + ", " + planned.tensor().type().ggmlName() + ") takes "
                    + planned.tensor().bytes() + " bytes, but its source wrote " + written + ".");
        }
        out.padTo(GgufHeader.padded(out.position() - start, alignment) + start);
    }
}
