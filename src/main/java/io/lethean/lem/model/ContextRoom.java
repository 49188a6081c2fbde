package io.lethean.lem.model;

import io.lethean.lem.internal.ggml.NativeDevice;
import io.lethean.lem.internal.llama.ContextParameters;
import io.lethean.lem.internal.llama.MemoryUse;
import io.lethean.lem.internal.nativelib.AvailableMemory;
import java.util.List;

/**
 * What one more context of a loaded model takes by llama.cpp's own accounting, and what is free. The weights are there
 * already.
 *
 * @param needed bytes, of the first kind of memory that is short, else of the processor's
 * @param available bytes of that memory
 */
record ContextRoom(long needed, long available) {

    /** llama.cpp's record of a token in one sequence, read in its source and rounded up. */
    private static final long RECORD_BYTES = 64;

    /**
     * Asks the system and the devices.
     *
     * @throws io.lethean.lem.NativeCallException if llama.cpp refuses the context, which creating it would explain
     */
    static ContextRoom of(LoadPlan plan, ContextParameters parameters) {
        List<NativeDevice> gpus = NativeDevice.detect().stream()
                .filter(device -> device.gpu() && device.totalBytes() > 0)
                .toList();
        return of(plan, parameters, new AvailableMemory().bytes(Long.MAX_VALUE), gpus);
    }

    static ContextRoom of(LoadPlan plan, ContextParameters parameters, long available, List<NativeDevice> gpus) {
        MemoryUse use = MemoryUse.estimate(plan.modelParameters(), parameters);
        ContextParameters.Size size = parameters.size();
        ContextRoom host =
                new ContextRoom(use.hostContextBytes() + RECORD_BYTES * size.cells() * size.sequences(), available);
        if (!host.suffices()) {
            return host;
        }
        return gpus.stream()
                .map(gpu -> new ContextRoom(use.deviceContextBytes(gpu.name()), gpu.freeBytes()))
                .filter(room -> !room.suffices())
                .findFirst()
                .orElse(host);
    }

    boolean suffices() {
        return needed <= available;
    }
}
