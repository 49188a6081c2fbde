package io.lethean.lem.internal.io;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** LEM's cache folder: native libraries and downloaded models. {@code cache_folder} in native/common.sh is equal. */
public final class CacheFolder {

    private CacheFolder() {}

    /** The cache folder of this process; it need not exist. Empty without a home folder. */
    public static Optional<Path> ofProcess() {
        return of(System.getProperty("os.name", ""), System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home"));
    }

    /**
     * The cache folder of a user.
     *
     * @param os the name of the operating system, as Java has it
     * @param home {@code ?} for a user whom the system does not know, as the JDK writes it
     */
    public static Optional<Path> of(String os, @Nullable String xdg, @Nullable String home) {
        String system = os.toLowerCase(Locale.ROOT);
        return absolute(xdg)
                .or(() -> absolute(home).map(folder -> inHome(system, folder)))
                .map(each -> each.resolve("lem"));
    }

    private static Path inHome(String system, Path home) {
        if (system.startsWith("mac")) {
            return home.resolve("Library").resolve("Caches");
        }
        return system.startsWith("windows") ? home.resolve("AppData").resolve("Local") : home.resolve(".cache");
    }

    /** A relative folder would be another one in each working directory; the XDG specification ignores it too. */
    private static Optional<Path> absolute(@Nullable String name) {
        try {
            return Optional.ofNullable(name).map(Path::of).filter(Path::isAbsolute);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
