package io.lethean.lem.internal.ggml;

import io.lethean.lem.DeviceUnavailableException;
import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.nativelib.AvailableMemory;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A device that computes graphs: the CPU, or one that llama.cpp's backends offer. One thread at a time may use it.
 *
 * <p>Exactly one backend serves a run. There is no scheduler that would move an unsupported operation to the CPU and
 * hide the cost; such an operation is refused when the graph is built.
 */
public final class Backend implements AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private final MemorySegment handle;
    private final MemorySegment kernels;
    private final String name;
    private final boolean host;
    private final boolean products;
    private @Nullable NodeTimes times;

    /** @param kernels the device that is asked which operations there are kernels for */
    private Backend(MemorySegment device, MemorySegment kernels, int threads) {
        MemorySegment pointer = LlamaCpp.ggml_backend_dev_init(device, MemorySegment.NULL);
        if (pointer.equals(MemorySegment.NULL)) {
            throw new NativeCallException("The backend did not start.", "ggml_backend_dev_init", 0);
        }
        handle = pointer.reinterpret(arena, LlamaCpp::ggml_backend_free);
        this.kernels = kernels;
        name = LlamaCpp.ggml_backend_name(handle).getString(0);
        host = LlamaCpp.ggml_backend_buft_is_host(bufferType());
        products = LlamaCpp.ggml_backend_dev_type(device) == LlamaCpp.GGML_BACKEND_DEVICE_TYPE_CPU();
        if (products) {
            CpuThreads.attach(arena, handle, threads);
        }
    }

    /**
     * The CPU.
     *
     * @param threads at least 1; one below the number of cores keeps its speed when something else runs
     */
    public static Backend cpu(int threads) {
        return open(LlamaCpp.GGML_BACKEND_DEVICE_TYPE_CPU(), threads);
    }

    /**
     * The device of this name, such as {@code CUDA0}.
     *
     * @throws DeviceUnavailableException if no such device exists
     */
    public static Backend named(String name, int threads) {
        NativeLibraries.load();
        try (Arena call = Arena.ofConfined()) {
            return open(LlamaCpp.ggml_backend_dev_by_name(call.allocateFrom(name)), name, threads);
        }
    }

    /**
     * The device that an option names: {@code cpu}; {@code auto} for the first GPU, or the CPU without one; or a device's
     * own name in any case, such as {@code CUDA0} or {@code MTL0}.
     *
     * @throws DeviceUnavailableException if no such device exists, naming those that do
     */
    public static Backend of(String option, int threads) {
        return open(device(option).map(NativeDevice::address).orElse(MemorySegment.NULL), option, threads);
    }

    /** Whether the device that an option names is the CPU, with the memory of this process. */
    public static boolean isCpu(String option) {
        return device(option)
                .filter(device -> device.kind() == NativeDevice.Kind.CPU)
                .isPresent();
    }

    /** Free bytes of the memory of the device that an option names; empty where it does not say, or is not there. */
    public static OptionalLong freeBytes(String option) {
        return device(option)
                .filter(NativeDevice::saysMemory)
                .map(device -> OptionalLong.of(device.freeBytes()))
                .orElse(OptionalLong.empty());
    }

    private static Optional<NativeDevice> device(String option) {
        NativeLibraries.load();
        if (option.equalsIgnoreCase("cpu")) {
            // The others are not asked: one that was lost may not answer any more.
            return Optional.of(NativeDevice.cpu());
        }
        List<NativeDevice> present = devices();
        if (!option.equalsIgnoreCase("auto")) {
            return present.stream()
                    .filter(device -> device.name().equalsIgnoreCase(option))
                    .findFirst();
        }
        return present.stream().filter(NativeDevice::gpu).findFirst().or(() -> Optional.of(NativeDevice.cpu()));
    }

    private static List<NativeDevice> devices() {
        NativeLibraries.load();
        return NativeDevice.detect();
    }

    private static String present() {
        return devices().stream()
                .map(device -> device.name() + " (" + device.description() + ")")
                .collect(Collectors.joining(", "));
    }

    private static Backend open(int deviceType, int threads) {
        NativeLibraries.load();
        return open(LlamaCpp.ggml_backend_dev_by_type(deviceType), "CPU", threads);
    }

    private static Backend open(MemorySegment device, String wanted, int threads) {
        if (threads < 1 || threads > Runtime.getRuntime().availableProcessors()) {
            throw new IllegalArgumentException("The number of threads must be from 1 to "
                    + Runtime.getRuntime().availableProcessors() + ": " + threads + ".");
        }
        if (device.equals(MemorySegment.NULL)) {
            throw new DeviceUnavailableException("The device " + wanted + " was asked for, and no such device is here."
                    + " Present: " + present()
                    + ". Ask for one of these, or build with the backend of another (make native BACKENDS=cuda).");
        }
        return new Backend(device, device, threads);
    }

    /**
     * A device that computes elsewhere and claims to support everything, such as llama.cpp's RPC backend.
     *
     * @param kernels the kind of device that is really there, and is asked for its kernels instead
     */
    static Backend remote(MemorySegment device, MemorySegment kernels) {
        return new Backend(device, kernels, 1);
    }

    /**
     * Bytes of this machine's memory that the process may still take; all of the memory where the system does not say
     * what is free.
     */
    public static long availableHostBytes() {
        NativeLibraries.load();
        long all = NativeDevice.cpu().freeBytes();
        return new AvailableMemory().bytes(all == 0 ? Long.MAX_VALUE : all);
    }

    MemorySegment bufferType() {
        return LlamaCpp.ggml_backend_get_default_buffer_type(handle);
    }

    /** The name that llama.cpp gives the device. */
    public String name() {
        return name;
    }

    /** True if the device computes in the memory of this process, so that a mapped file can be used in place. */
    public boolean usesHostMemory() {
        return host;
    }

    /** True if the device runs the products of {@link Products}. */
    public boolean hasProducts() {
        return products;
    }

    /** True if graphs with this choice of derivatives have {@link FusedOperations} here. */
    public boolean hasFused(Derivatives.Choice choice) {
        return products && choice == Derivatives.Choice.NATIVE;
    }

    /** True if this backend implements the operation that makes the tensor. */
    boolean supports(Tensor node) {
        return LlamaCpp.ggml_backend_dev_supports_op(kernels, node.handle());
    }

    /** Memory, filled with zeros, for every tensor of the context that has no memory yet. */
    public Buffer allocate(TensorContext context, String what) {
        Buffer buffer = new Buffer(
                LlamaCpp.ggml_backend_alloc_ctx_tensors(context.handle(), handle),
                "ggml_backend_alloc_ctx_tensors",
                what);
        buffer.clear();
        return buffer;
    }

    /**
     * Lets tensors use memory of this process that the caller keeps alive, such as a mapped file.
     *
     * @param memory starts at a multiple of 32
     */
    public Buffer borrow(MemorySegment memory) {
        if (!host || memory.address() % 32 != 0) {
            throw new IllegalArgumentException("The device " + name + " cannot use memory at "
                    + Long.toHexString(memory.address()) + " in place.");
        }
        return new Buffer(
                LlamaCpp.ggml_backend_cpu_buffer_from_ptr(memory, memory.byteSize()),
                "ggml_backend_cpu_buffer_from_ptr",
                "a mapped file");
    }

    /** Measures each operation from now on; null measures nothing. */
    public void time(@Nullable NodeTimes chosen) {
        times = chosen;
    }

    /** Computes a graph that a {@link GraphGroup} has given memory, and waits. */
    public void compute(Graph graph) {
        if (times == null) {
            compute(graph, graph.ready());
        } else {
            times.compute(graph, single -> compute(graph, single));
        }
    }

    private void compute(Graph graph, MemorySegment nodes) {
        int status = LlamaCpp.ggml_backend_graph_compute(handle, nodes);
        if (status != LlamaCpp.GGML_STATUS_SUCCESS()) {
            throw new NativeCallException(
                    "The device " + name + " could not compute the graph " + graph + ": "
                            + LlamaCpp.ggml_status_to_string(status).getString(0),
                    "ggml_backend_graph_compute",
                    status);
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
