package io.lethean.lem.internal.llama;

import io.lethean.lem.internal.ffi.LlamaCpp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * An int that any thread sets and native code reads between two operations of a computation.
 *
 * <p>Its memory lives as long as the object: whoever may still raise the flag keeps it alive by that.
 */
public final class CancelFlag {

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment memory = Arena.ofAuto().allocate(ValueLayout.JAVA_INT);

    public void raise() {
        INT.setVolatile(memory, 0L, 1);
    }

    public boolean isRaised() {
        return (int) INT.getVolatile(memory, 0L) != 0;
    }

    /** Makes the context's computations end early once this flag is raised; {@link NativeContext#watch} keeps it reachable. */
    void watch(MemorySegment context) {
        LlamaCpp.llama_set_abort_callback(context, AbortFunction.ADDRESS, memory);
    }

    /** Found at first use, after the libraries were loaded. */
    private static final class AbortFunction {
        static final MemorySegment ADDRESS = LlamaCpp.lem_abort_if_set$address();
    }
}
