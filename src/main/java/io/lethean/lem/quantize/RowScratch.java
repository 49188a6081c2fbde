package io.lethean.lem.quantize;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Room that converting rows needs in addition to the rows; used by one thread at a time. */
final class RowScratch {

    private final MemorySegment wanted;
    private final MemorySegment written;
    private final short[] halves;

    /**
     * @param numbers in the largest block of rows
     * @param columns in the longest row
     */
    RowScratch(Arena arena, long numbers, int columns) {
        wanted = arena.allocate(4 * numbers, 64);
        written = arena.allocate(4 * numbers, 64);
        halves = new short[columns];
    }

    /** Floats of a block as they are to be written. */
    MemorySegment wanted() {
        return wanted;
    }

    /** Floats of a block as they were written. */
    MemorySegment written() {
        return written;
    }

    /** 16-bit values of a row. */
    short[] halves() {
        return halves;
    }
}
