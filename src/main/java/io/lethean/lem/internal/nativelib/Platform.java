package io.lethean.lem.internal.nativelib;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An operating system and a kind of processor, and how native libraries are called there.
 *
 * @param os {@code linux}, {@code macos}, {@code windows}, or what another system calls itself
 * @param arch {@code x86_64}, {@code aarch64}, or what another processor is called
 */
record Platform(String os, String arch) {

    /** The platform of this process. */
    static final Platform CURRENT = of(System.getProperty("os.name"), System.getProperty("os.arch"));

    /** A platform by the values of the system properties {@code os.name} and {@code os.arch}. */
    static Platform of(String osName, String osArch) {
        return new Platform(osOf(osName.toLowerCase(Locale.ROOT)), archOf(osArch.toLowerCase(Locale.ROOT)));
    }

    /** Operating system and processor as the jars of natives are named by: {@code linux-x86_64}. */
    static String name() {
        return CURRENT.toString();
    }

    static boolean isWindows() {
        return CURRENT.os.equals("windows");
    }

    private static String osOf(String name) {
        if (name.startsWith("mac") || name.equals("darwin")) {
            return "macos";
        }
        return name.startsWith("windows") ? "windows" : name.replace(' ', '_');
    }

    private static String archOf(String name) {
        return switch (name) {
            case "amd64", "x86_64", "x64" -> "x86_64";
            case "arm64", "aarch64" -> "aarch64";
            default -> name;
        };
    }

    /** The file of a library: {@code liblem-llama.so}, {@code liblem-llama.dylib}, {@code lem-llama.dll}. */
    String library(String library) {
        return switch (os) {
            case "windows" -> library + ".dll";
            case "macos" -> "lib" + library + ".dylib";
            default -> "lib" + library + ".so";
        };
    }

    /** The file of a backend, or of a variant of one: {@code libggml-cpu.so}, also on macOS; {@code ggml-cpu.dll}. */
    String backend(String backend) {
        return prefix() + backend + suffix();
    }

    /** What {@link #backend} was called with; null for other files. */
    @Nullable
    String backendIn(String fileName) {
        boolean fits = fileName.startsWith(prefix())
                && fileName.endsWith(suffix())
                && fileName.length() > prefix().length() + suffix().length();
        return fits ? fileName.substring(prefix().length(), fileName.length() - suffix().length()) : null;
    }

    private String prefix() {
        return os.equals("windows") ? "ggml-" : "libggml-";
    }

    private String suffix() {
        return os.equals("windows") ? ".dll" : ".so";
    }

    @Override
    public String toString() {
        return os + "-" + arch;
    }
}
