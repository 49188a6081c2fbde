package io.lethean.lem.internal.ggml;

import io.lethean.lem.internal.ffi.LlamaCpp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Operations of the shim as nodes of a graph on the CPU, on the threads of the graph. */
final class CustomOperation {

    private CustomOperation() {}

    /**
     * A node with a result of f32.
     *
     * @param name for messages and measurements
     * @param function of the shim
     * @param work of the context, or NULL
     */
    static MemorySegment node(
            TensorContext context,
            String name,
            Shape shape,
            List<Tensor> operands,
            MemorySegment function,
            MemorySegment work) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment handles = call.allocate(ValueLayout.ADDRESS, operands.size());
            for (int i = 0; i < operands.size(); i++) {
                handles.setAtIndex(ValueLayout.ADDRESS, i, operands.get(i).handle());
            }
            MemorySegment node = LlamaCpp.ggml_custom_4d(
                    context.handle(),
                    LlamaCpp.GGML_TYPE_F32(),
                    shape.n0(),
                    shape.n1(),
                    shape.n2(),
                    shape.n3(),
                    handles,
                    operands.size(),
                    function,
                    LlamaCpp.GGML_N_TASKS_MAX(),
                    work);
            LlamaCpp.ggml_set_name(node, call.allocateFrom(name));
            return node;
        }
    }
}
