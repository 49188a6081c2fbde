package io.lethean.lem.adapter;

import java.util.List;

/**
 * One tensor of a safetensors file.
 *
 * @param shape its dimensions, the fastest last; empty for a single number
 * @param begin first byte of its data, counted from the end of the header
 * @param end the byte after its last
 */
record SafetensorsEntry(String name, ElementType type, List<Long> shape, long begin, long end) {

    SafetensorsEntry {
        shape = List.copyOf(shape);
    }

    long elements() {
        return (end - begin) / type.bytes();
    }
}
