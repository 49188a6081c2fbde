package io.lethean.lem.convert;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Room that converting rows needs besides the rows; used by one thread at a time. */
final class RowScratch {

    /** 16-bit numbers converted at a time: few enough to stay in the fastest cache. */
    static final int HALVES = 2048;

    private final MemorySegment floats;
    private final short[] halves = new short[HALVES];

    /** Room for so many numbers at a time. */
    RowScratch(Arena arena, int numbers) {
        floats = arena.allocate(4L * numbers, 64);
    }

    MemorySegment floats() {
        return floats;
    }

    short[] halves() {
        return halves;
    }
}
