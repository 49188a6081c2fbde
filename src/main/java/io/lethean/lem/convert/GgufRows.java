package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.ggml.TensorCodec;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The rows of a GGUF tensor: as they are, or as F32 with every value checked. */
final class GgufRows implements Rows {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final GgufTensorData data;
    private final GgufTensor tensor;
    private final boolean decoded;
    private final float largest;
    private final TensorCodec codec;

    private GgufRows(GgufTensorData data, GgufTensor tensor, boolean decoded, float largest) {
        this.data = data;
        this.tensor = tensor;
        this.decoded = decoded;
        this.largest = largest;
        this.codec = new TensorCodec(tensor.type());
    }

    /** The bytes of the file. */
    static GgufRows plain(GgufTensorData data, GgufTensor tensor) {
        return new GgufRows(data, tensor, false, Float.MAX_VALUE);
    }

    /** @param largest the largest magnitude that the type to be written can hold */
    static GgufRows decoded(GgufTensorData data, GgufTensor tensor, float largest) {
        return new GgufRows(data, tensor, true, largest);
    }

    @Override
    public GgmlType type() {
        return decoded ? GgmlType.F32 : tensor.type();
    }

    @Override
    public long count() {
        return tensor.rows();
    }

    @Override
    public int columns() {
        return Math.toIntExact(tensor.dim(0));
    }

    @Override
    public void read(long from, int rows, ByteBuffer into) throws IOException {
        long rowBytes = tensor.type().rowBytes(columns());
        int bytes = Math.toIntExact(rows * rowBytes);
        if (!decoded) {
            int limit = into.limit();
            into.limit(into.position() + bytes);
            data.read(tensor, from * rowBytes, into);
            into.limit(limit);
            return;
        }
        long values = (long) rows * columns();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(bytes, 64);
            MemorySegment floats = arena.allocate(values * Float.BYTES, 64);
            data.read(tensor, from * rowBytes, packed.asByteBuffer());
            codec.decode(packed, floats, values);
            for (long i = 0; i < values; i++) {
                into.putFloat(checked(floats.get(FLOAT, i * Float.BYTES)));
            }
        }
    }

    private float checked(float value) {
        if (!(Math.abs(value) <= largest)) {
            throw new InvalidModelException(
                    "weights-finite",
                    "The tensor " + tensor.name() + " holds the value " + value
                            + (Float.isFinite(value)
                                    ? ", which is too large for the type to be written; choose bf16 or f32."
                                    : ", which is not a number; the model is damaged."));
        }
        return value;
    }
}
