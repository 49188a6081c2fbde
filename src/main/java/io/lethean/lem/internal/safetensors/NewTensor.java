package io.lethean.lem.internal.safetensors;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/**
 * One tensor of a file to be written.
 *
 * @param shape its dimensions, the fastest last
 * @param values writes exactly the bytes that type and shape need
 */
public record NewTensor(String name, ElementType type, List<Long> shape, Values values) {

    /** Writes the values of a tensor. */
    @FunctionalInterface
    public interface Values {
        void writeTo(WritableByteChannel channel) throws IOException;
    }

    public NewTensor {
        shape = List.copyOf(shape);
    }

    /** The size of its values. */
    public long bytes() {
        long bytes = type.bytes();
        for (long dimension : shape) {
            bytes = Math.multiplyExact(bytes, dimension);
        }
        return bytes;
    }
}
