package io.lethean.lem.internal.safetensors;

import java.util.List;

/**
 * One tensor of a safetensors file.
 *
 * @param shape its dimensions, the fastest last; empty for a single number
 * @param begin first byte of its data, counted from the end of the header
 * @param end the byte after its last
 */
public record SafetensorsEntry(String name, ElementType type, List<Long> shape, long begin, long end) {

    public SafetensorsEntry {
        shape = List.copyOf(shape);
    }

    public long elements() {
        return (end - begin) / type.bytes();
    }
}
