package io.lethean.lem.internal.nativelib;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    /** LEM's cache folder, the same that the native build uses; it need not exist. Empty without a home folder. */
    static Optional<Path> cacheFolder() {
        return cacheFolder(OS, System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home"));
    }

    /** @param home {@code ?} for a user whom the system does not know, as the JDK writes it */
    static Optional<Path> cacheFolder(String os, @Nullable String xdg, @Nullable String home) {
        return absolute(xdg)
                .or(() -> absolute(home).map(folder -> switch (os) {
                    case "macos" -> folder.resolve("Library").resolve("Caches");
                    case "windows" -> folder.resolve("AppData").resolve("Local");
                    default -> folder.resolve(".cache");
                }))
                .map(folder -> folder.resolve("lem"));
    }

    /** A relative folder would be another one in each working directory; the XDG specification ignores it too. */
    private static Optional<Path> absolute(@Nullable String name) {
        try {
            return Optional.ofNullable(name).map(Path::of).filter(Path::isAbsolute);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
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
