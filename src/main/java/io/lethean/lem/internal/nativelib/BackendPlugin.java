package io.lethean.lem.internal.nativelib;

/**
 * A backend that the native build has, and whether this machine can use it.
 *
 * @param name what ggml calls it: {@code cpu}, {@code cuda}, {@code metal}, {@code vulkan}
 * @param loaded whether it was loaded; it may still find no device
 * @param detail the file that was loaded, or why nothing was
 */
public record BackendPlugin(String name, boolean loaded, String detail) {}
