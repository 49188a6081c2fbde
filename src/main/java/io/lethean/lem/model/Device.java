package io.lethean.lem.model;

import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.util.List;

/**
 * Something that computes: the processor or a GPU.
 *
 * @param name the name to ask for it by, such as {@code CPU} or {@code CUDA0}
 * @param description what it is, in words
 * @param gpu whether it is a GPU, discrete or integrated
 * @param freeBytes memory that is free on it; 0 where it does not say
 * @param totalBytes its memory; 0 where it does not say
 */
public record Device(String name, String description, boolean gpu, long freeBytes, long totalBytes) {

    /** {@return the devices that are present, the processor included} Loads the native libraries. */
    public static List<Device> all() {
        NativeLibraries.load();
        return Devices.detect().list();
    }
}
