package io.lethean.lem.model;

import io.lethean.lem.DeviceUnavailableException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The devices that the loaded backends found, and the choice among them. */
final class Devices {

    /** A device with its handle, which lives as long as the process. */
    record Handle(Device device, MemorySegment address) {}

    private final List<Handle> present;
    private final String backends;

    private Devices(List<Handle> present, String backends) {
        this.present = present;
        this.backends = backends;
    }

    static Devices detect() {
        List<Handle> found = new ArrayList<>();
        long count = LlamaCpp.ggml_backend_dev_count();
        for (long i = 0; i < count; i++) {
            MemorySegment address = LlamaCpp.ggml_backend_dev_get(i);
            found.add(new Handle(describe(address), address));
        }
        return new Devices(List.copyOf(found), NativeText.read(LlamaCpp.lem_build_backends()));
    }

    private static Device describe(MemorySegment address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
            LlamaCpp.ggml_backend_dev_memory(address, free, total);
            return new Device(
                    NativeText.read(LlamaCpp.ggml_backend_dev_name(address)),
                    NativeText.read(LlamaCpp.ggml_backend_dev_description(address)),
                    isGpu(LlamaCpp.ggml_backend_dev_type(address)),
                    free.get(ValueLayout.JAVA_LONG, 0),
                    total.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    private static boolean isGpu(int type) {
        return type == LlamaCpp.GGML_BACKEND_DEVICE_TYPE_GPU() || type == LlamaCpp.GGML_BACKEND_DEVICE_TYPE_IGPU();
    }

    List<Device> list() {
        return present.stream().map(Handle::device).toList();
    }

    /** Backends that the libraries were built with, such as {@code cpu,cuda}. */
    String backends() {
        return backends;
    }

    /** Whether the libraries were built for a GPU that is not here. */
    boolean lacksItsGpu() {
        return !backends.equals("cpu") && gpus().isEmpty();
    }

    Device cpu() {
        return list().stream()
                .filter(device -> device.name().equals("CPU"))
                .findFirst()
                .orElse(new Device("CPU", "processor", false, 0, 0));
    }

    private List<Handle> gpus() {
        return present.stream().filter(handle -> handle.device().gpu()).toList();
    }

    /**
     * The GPUs to use, none for the processor alone.
     *
     * @throws DeviceUnavailableException if what was asked for is not there
     */
    List<Handle> choose(String wanted, GpuLayers layers) {
        List<Handle> chosen = switch (wanted.toLowerCase(Locale.ROOT)) {
            case "cpu" -> List.of();
            case "auto" -> gpus();
            default -> List.of(named(wanted));
        };
        boolean demanded = switch (layers) {
            case GpuLayers.Auto auto -> false;
            case GpuLayers.All all -> true;
            case GpuLayers.Count count -> count.count() > 0;
        };
        if (demanded && chosen.isEmpty()) {
            throw unavailable("%s layers were asked for on a GPU (device %s)".formatted(layers, wanted));
        }
        return layers instanceof GpuLayers.Count(int count) && count == 0 ? List.of() : chosen;
    }

    private Handle named(String wanted) {
        return gpus().stream()
                .filter(handle -> handle.device().name().equalsIgnoreCase(wanted))
                .findFirst()
                .orElseThrow(() -> unavailable("The device %s was asked for".formatted(wanted)));
    }

    private DeviceUnavailableException unavailable(String request) {
        String there = list().stream()
                .map(device -> device.name() + " (" + device.description() + ")")
                .collect(Collectors.joining(", "));
        return new DeviceUnavailableException(
                ("%s, and no such device is there. Present: %s; native libraries built for: %s."
                                + " Ask for one of these, build with the backend (make native BACKENDS=cuda), or leave"
                                + " the choice to device auto.")
                        .formatted(request, there, backends));
    }
}
