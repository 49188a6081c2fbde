package io.lethean.lem.model;

import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.nio.file.Path;
import java.util.List;

/**
 * The native libraries of this process.
 *
 * @param folder the folder that they were loaded from
 * @param platform the platform of this process, such as {@code linux-x86_64}
 * @param backends what computes: {@code cpu}, and those for GPUs that the libraries were built with
 */
public record Libraries(Path folder, String platform, List<Backend> backends) {

    /**
     * A part of the libraries for one kind of device.
     *
     * @param name {@code cpu}, {@code cuda}, {@code metal} or {@code vulkan}
     * @param loaded whether it is used; a loaded one may still find no device
     * @param detail the file, which tells the variant for this processor, or why it is not used
     */
    public record Backend(String name, boolean loaded, String detail) {}

    /**
     * Loads the native libraries, if that was not done before, and describes them. Any thread may call this.
     *
     * @return where they are, and which backends they have
     * @throws io.lethean.lem.NativeLibraryException if they cannot be loaded
     */
    public static Libraries loaded() {
        NativeLibraries libraries = NativeLibraries.load();
        List<Backend> backends = libraries.backends().stream()
                .map(backend -> new Backend(backend.name(), backend.loaded(), backend.detail()))
                .toList();
        return new Libraries(libraries.folder(), NativeLibraries.platform(), backends);
    }
}
