package io.lethean.lem.internal.ggml;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.ggml_tensor;
import io.lethean.lem.internal.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A tensor of ggml: its description lives in a {@link TensorContext}, its numbers in a {@link Buffer} or in the working
 * memory of a {@link GraphGroup}.
 *
 * <p>Transfers copy between the backend's memory and Java arrays and need a tensor that has memory.
 */
public final class Tensor {

    private final MemorySegment handle;
    private final GgmlType type;
    private final Shape shape;

    private Tensor(MemorySegment handle, GgmlType type, Shape shape) {
        this.handle = handle;
        this.type = type;
        this.shape = shape;
    }

    /**
     * Wraps what ggml returned; the description is read once, because ggml never changes it.
     *
     * @param owner the tensor is unusable after the owner is closed
     */
    static Tensor wrap(MemorySegment pointer, Arena owner) {
        MemorySegment struct = pointer.reinterpret(ggml_tensor.sizeof(), owner, null);
        GgmlType type = GgmlType.byId(ggml_tensor.type(struct)).orElseThrow();
        return new Tensor(
                struct,
                type,
                new Shape(
                        ggml_tensor.ne(struct, 0),
                        ggml_tensor.ne(struct, 1),
                        ggml_tensor.ne(struct, 2),
                        ggml_tensor.ne(struct, 3)));
    }

    MemorySegment handle() {
        return handle;
    }

    public GgmlType type() {
        return type;
    }

    public Shape shape() {
        return shape;
    }

    /** Bytes from one number to the next along an axis. */
    long stride(int axis) {
        return ggml_tensor.nb(handle, axis);
    }

    /** True if the elements are in memory in the order of the shape, without gaps. */
    boolean isContiguous() {
        return LlamaCpp.ggml_is_contiguous(handle);
    }

    /** True if the elements of a row are next to each other. */
    boolean hasContiguousRows() {
        return stride(0) == type.typeSize();
    }

    /** True if the tensor has been given memory. */
    boolean hasMemory() {
        return !LlamaCpp.ggml_get_data(handle).equals(MemorySegment.NULL);
    }

    /** True if the tensor shows the memory of another one. */
    public boolean isView() {
        return !ggml_tensor.view_src(handle).equals(MemorySegment.NULL);
    }

    /** Where the numbers lie, in the address space of the backend. */
    MemorySegment address() {
        return LlamaCpp.ggml_get_data(handle);
    }

    /** Bytes of the numbers. */
    public long bytes() {
        return LlamaCpp.ggml_nbytes(handle);
    }

    /** Names the tensor in messages and in what ggml logs. */
    Tensor named(String name) {
        try (Arena arena = Arena.ofConfined()) {
            LlamaCpp.ggml_set_name(handle, arena.allocateFrom(name));
        }
        return this;
    }

    /** Copies numbers into a tensor of type f32. */
    public void set(float[] numbers) {
        requireTransfer(GgmlType.F32, numbers.length);
        try (Arena arena = Arena.ofConfined()) {
            setBytes(arena.allocateFrom(ValueLayout.JAVA_FLOAT, numbers));
        }
    }

    /** Copies numbers into a tensor of type i32. */
    public void set(int[] numbers) {
        requireTransfer(GgmlType.I32, numbers.length);
        try (Arena arena = Arena.ofConfined()) {
            setBytes(arena.allocateFrom(ValueLayout.JAVA_INT, numbers));
        }
    }

    /** Copies the whole content, in the tensor's own type, from memory outside the heap. */
    public void setBytes(MemorySegment content) {
        requireSize(content.byteSize());
        LlamaCpp.ggml_backend_tensor_set(handle, content, 0, content.byteSize());
    }

    /** Sets every byte to zero. */
    public void clear() {
        requireSize(bytes());
        LlamaCpp.ggml_backend_tensor_memset(handle, (byte) 0, 0, bytes());
    }

    /** A copy of the elements of a tensor of type f32. */
    public float[] floats() {
        requireTransfer(GgmlType.F32, shape.elements());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(bytes(), Float.BYTES);
            LlamaCpp.ggml_backend_tensor_get(handle, copy, 0, copy.byteSize());
            return copy.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    private void requireTransfer(GgmlType expected, long elements) {
        if (type != expected || elements != shape.elements() || !isContiguous()) {
            throw new IllegalArgumentException("A transfer of " + elements + " numbers of type " + expected.ggmlName()
                    + " does not fit the tensor " + this + ", which must also be contiguous.");
        }
        requireSize(bytes());
    }

    private void requireSize(long size) {
        if (!hasMemory() || size != bytes()) {
            throw new IllegalStateException("The tensor " + this + " has no memory yet, or its " + bytes()
                    + " bytes are not the " + size + " to be copied.");
        }
    }

    @Override
    public String toString() {
        String name = LlamaCpp.ggml_get_name(handle).getString(0);
        return (name.isEmpty() ? "" : name + " ") + shape + " " + type.ggmlName();
    }
}
