package io.lethean.lem.model;

import io.lethean.lem.DeviceUnavailableException;
import io.lethean.lem.internal.ggml.NativeDevice;
import io.lethean.lem.internal.llama.NativeBuild;
import io.lethean.lem.internal.nativelib.AvailableMemory;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The devices that the loaded backends found, and the choice among them. */
final class Devices {

    private final List<NativeDevice> present;
    private final String backends;

    private Devices(List<NativeDevice> present, String backends) {
        this.present = present;
        this.backends = backends;
    }

    static Devices detect() {
        return new Devices(NativeDevice.detect(), NativeBuild.backends());
    }

    static Device described(NativeDevice device) {
        // The processor's device reports all of its memory as free.
        long free = device.gpu() ? device.freeBytes() : new AvailableMemory().bytes(device.freeBytes());
        return new Device(device.name(), device.description(), device.gpu(), free, device.totalBytes());
    }

    List<Device> list() {
        return present.stream().map(Devices::described).toList();
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

    private List<NativeDevice> gpus() {
        return present.stream().filter(NativeDevice::gpu).toList();
    }

    /**
     * The GPUs to use, none for the processor alone.
     *
     * @throws DeviceUnavailableException if what was asked for is not there
     */
    List<NativeDevice> choose(String wanted, GpuLayers layers) {
        List<NativeDevice> chosen = switch (wanted.toLowerCase(Locale.ROOT)) {
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
            throw unavailable(
                    String.format(Locale.ROOT, "%s layers were asked for on a GPU (device %s)", layers, wanted));
        }
        return layers instanceof GpuLayers.Count(int count) && count == 0 ? List.of() : chosen;
    }

    private NativeDevice named(String wanted) {
        return gpus().stream()
                .filter(device -> device.name().equalsIgnoreCase(wanted))
                .findFirst()
                .orElseThrow(() -> unavailable(String.format(Locale.ROOT, "The device %s was asked for", wanted)));
    }

    private DeviceUnavailableException unavailable(String request) {
        String there = list().stream()
                .map(device -> device.name() + " (" + device.description() + ")")
                .collect(Collectors.joining(", "));
        return new DeviceUnavailableException(String.format(
                Locale.ROOT,
                "%s, and no such device is there. Present: %s; native libraries built for: %s."
                        + " Ask for one of these, build with the backend (make native BACKENDS=cuda), or leave"
                        + " the choice to device auto.",
                request,
                there,
                backends));
    }
}
