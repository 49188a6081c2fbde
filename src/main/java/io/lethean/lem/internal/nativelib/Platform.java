package io.lethean.lem.internal.nativelib;

import java.nio.file.Path;
import java.util.Locale;

/** What the running system is called, and where it keeps caches. */
final class Platform {

    private static final String OS = os(System.getProperty("os.name"));

    private Platform() {}

    /** Operating system and processor as the jars of natives are named by: {@code linux-x86_64}. */
    static String name() {
        return OS + "-" + arch(System.getProperty("os.arch"));
    }

    static boolean isWindows() {
        return OS.equals("windows");
    }

    /** LEM's cache folder, the same that the native build uses; it need not exist. */
    static Path cacheFolder() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        if (xdg != null && !xdg.isEmpty()) {
            return Path.of(xdg, "lem");
        }
        String home = System.getProperty("user.home");
        return switch (OS) {
            case "macos" -> Path.of(home, "Library", "Caches", "lem");
            case "windows" -> Path.of(home, "AppData", "Local", "lem");
            default -> Path.of(home, ".cache", "lem");
        };
    }

    private static String os(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith("mac")) {
            return "macos";
        }
        return lower.startsWith("windows") ? "windows" : lower.replace(' ', '_');
    }

    private static String arch(String name) {
        return switch (name) {
            case "amd64", "x86_64" -> "x86_64";
            case "arm64", "aarch64" -> "aarch64";
            default -> name;
        };
    }
}
