package io.lethean.lem.cycle.left;

import io.lethean.lem.cycle.right.Right;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** One half of a cycle, with native types in its signatures, by which {@code ArchitectureTest} proves its rules. */
public final class Left {

    /** The next class of the cycle. */
    public Optional<Right> right() {
        return Optional.empty();
    }

    /** A native type in a generic one. */
    public Optional<MemorySegment> segment() {
        return Optional.empty();
    }

    /** A native type that only this package sees, and may. */
    MemorySegment hidden() {
        return MemorySegment.NULL;
    }
}
