package io.lethean.lem.internal.nativelib;

import io.lethean.lem.NativeLibraryException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The native libraries of this process, loaded and verified once.
 *
 * <p>Any thread may call {@link #load}. A failure is remembered: later calls throw it again at once, because a second
 * attempt in a half-loaded process could end differently for no visible reason.
 */
public final class NativeLibraries {

    private static @Nullable NativeLibraries loaded;
    private static @Nullable NativeLibraryException failure;

    private final Path folder;
    private final List<BackendPlugin> backends;

    private NativeLibraries(Path folder, List<BackendPlugin> backends) {
        this.folder = folder;
        this.backends = backends;
    }

    /**
     * Loads the libraries and the backends next to them; later calls return at once.
     *
     * @throws NativeLibraryException if they are not found, cannot be loaded or do not fit these classes
     */
    public static synchronized NativeLibraries load() {
        if (failure != null) {
            throw new NativeLibraryException(Objects.requireNonNull(failure.getMessage()), failure);
        }
        if (loaded == null) {
            try {
                loaded = start();
            } catch (NativeLibraryException e) {
                failure = e;
                throw e;
            }
        }
        return loaded;
    }

    private static NativeLibraries start() {
        try {
            LibraryLoader.Loaded libraries = LibraryLoader.load();
            new LibraryCheck(libraries.folder()).run();
            NativeLog.install(libraries.first());
            AbortGuard.install();
            // A process has one registry of backends; the first class loader filled it.
            List<BackendPlugin> backends =
                    libraries.first() ? new BackendLoader(libraries.folder()).load() : registered();
            LlamaCpp.llama_backend_init();
            return new NativeLibraries(libraries.folder(), backends);
        } catch (IllegalCallerException e) {
            throw new NativeLibraryException(
                    "Native access is denied to LEM (" + e.getMessage() + "). Start Java with --enable-native-access="
                            + moduleName() + ".",
                    e);
        } catch (NativeLibraryException e) {
            throw e;
        } catch (RuntimeException | LinkageError e) {
            throw new NativeLibraryException("The native libraries could not be loaded: " + e + ".", e);
        }
    }

    private static String moduleName() {
        Module module = NativeLibraries.class.getModule();
        return module.isNamed() ? module.getName() : "ALL-UNNAMED";
    }

    private static List<BackendPlugin> registered() {
        return IntStream.range(0, Math.toIntExact(LlamaCpp.ggml_backend_reg_count()))
                .mapToObj(LlamaCpp::ggml_backend_reg_get)
                .map(backend -> LlamaCpp.ggml_backend_reg_name(backend).getString(0))
                .map(name -> new BackendPlugin(
                        name.toLowerCase(java.util.Locale.ROOT), true, "loaded by another class loader"))
                .toList();
    }

    /** Operating system and processor, as the jars of natives are named by: {@code linux-x86_64}. */
    public static String platform() {
        return Platform.name();
    }

    /** Where the libraries lie. */
    public Path folder() {
        return folder;
    }

    /** The release of llama.cpp, such as {@code v0.5.0}. */
    public String release() {
        return LlamaCpp.lem_build_version().getString(0);
    }

    /** Every backend of this build, with the reason where one cannot be used here. */
    public List<BackendPlugin> backends() {
        return backends;
    }
}
