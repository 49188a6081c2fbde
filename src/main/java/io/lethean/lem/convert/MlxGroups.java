package io.lethean.lem.convert;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.safetensors.ElementType;
import io.lethean.lem.internal.safetensors.NewTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/**
 * Weights in mlx's affine form: a value is scale times code plus bias, with one scale and bias for each group of a row.
 *
 * <p>Scales, biases and codes are those of {@code mlx.core.quantize} to the bit: the value of largest magnitude in a group
 * is one end of the range and is met exactly before scale and bias are rounded to the type of the weights.
 */
final class MlxGroups {

    /** Values that share a scale, as mlx-lm has it by default. */
    static final int SIZE = 64;

    private static final float LEAST_SCALE = 1e-7f;

    private final int bits;
    private final ElementType element;

    /** The parts of a weight, which are tensors of their own. */
    private enum Part {
        CODES,
        SCALES,
        BIASES
    }

    /** @param element the type of the weights, and of scales and biases */
    MlxGroups(int bits, ElementType element) {
        this.bits = bits;
        this.element = element;
    }

    /** Whether mlx-lm quantizes a tensor: the weight of a projection, the embedding or the head. */
    static boolean isQuantized(PlannedTensor tensor) {
        return tensor.dims().size() == 2
                && tensor.name().endsWith(".weight")
                && tensor.dims().getFirst() % SIZE == 0;
    }

    /** The tensors that stand for one. */
    List<NewTensor> of(PlannedTensor tensor, Runnable written) {
        String module = tensor.name().substring(0, tensor.name().length() - ".weight".length());
        long columns = tensor.dims().getFirst();
        long rows = tensor.dims().getLast();
        return List.of(
                new NewTensor(
                        module + ".weight",
                        ElementType.U32,
                        List.of(rows, columns * bits / Integer.SIZE),
                        channel -> write(tensor, Part.CODES, channel)),
                new NewTensor(
                        module + ".scales",
                        element,
                        List.of(rows, columns / SIZE),
                        channel -> write(tensor, Part.SCALES, channel)),
                new NewTensor(module + ".biases", element, List.of(rows, columns / SIZE), channel -> {
                    write(tensor, Part.BIASES, channel);
                    written.run();
                }));
    }

    private void write(PlannedTensor tensor, Part part, WritableByteChannel channel) throws IOException {
        RowEncoder encoder = new RowEncoder();
        int block = RowEncoder.blockRows(tensor.rows());
        float[] group = new float[SIZE];
        for (long row = 0; row < tensor.rows().count(); row += block) {
            int count = (int) Math.min(block, tensor.rows().count() - row);
            ByteBuffer values =
                    encoder.encode(tensor.rows(), row, count, type()).slice().order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(tensor.dims().getFirst() / SIZE * count * bytes(part)))
                    .order(ByteOrder.LITTLE_ENDIAN);
            while (values.hasRemaining()) {
                for (int i = 0; i < SIZE; i++) {
                    group[i] = element.get(values);
                }
                put(group, part, out);
            }
            out.flip();
            while (out.hasRemaining()) {
                channel.write(out);
            }
        }
    }

    private GgmlType type() {
        return switch (element) {
            case BF16 -> GgmlType.BF16;
            case F16 -> GgmlType.F16;
            default -> GgmlType.F32;
        };
    }

    private int bytes(Part part) {
        return part == Part.CODES ? SIZE * bits / Byte.SIZE : element.bytes();
    }

    private void put(float[] group, Part part, ByteBuffer out) {
        float least = group[0];
        float most = group[0];
        for (float value : group) {
            least = Math.min(least, value);
            most = Math.max(most, value);
        }
        int last = (1 << bits) - 1;
        boolean fromLeast = Math.abs(least) > Math.abs(most);
        float scale = Math.max((most - least) / last, LEAST_SCALE);
        scale = fromLeast ? scale : -scale;
        float edge = fromLeast ? least : most;
        float steps = (float) Math.rint(edge / scale);
        float bias = 0;
        if (steps != 0) {
            scale = edge / steps;
            bias = edge;
        }
        switch (part) {
            case SCALES -> element.put(out, scale);
            case BIASES -> element.put(out, bias);
            case CODES -> putCodes(group, scale, bias, out);
        }
    }

    /** The first code is in the lowest bits. */
    private void putCodes(float[] group, float scale, float bias, ByteBuffer out) {
        int last = (1 << bits) - 1;
        int word = 0;
        int used = 0;
        for (float value : group) {
            int code = (int) Math.clamp(Math.rint((value - bias) / scale), 0, last);
            word |= code << used;
            used += bits;
            if (used == Integer.SIZE) {
                out.putInt(word);
                word = 0;
                used = 0;
            }
        }
    }
}
