package io.lethean.lem.internal.nativelib;

import io.lethean.lem.NativeLibraryException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Loads the backends in the folder of the libraries, and no others.
 *
 * <p>ggml's own search would also take files of the current folder and of the environment's choice, and is silent about a
 * backend that cannot be loaded. A backend may come in variants for different processors; the one with the highest score
 * is taken, as ggml does.
 */
final class BackendLoader {

    private static final String PREFIX = Platform.isWindows() ? "ggml-" : "libggml-";
    private static final String SUFFIX = Platform.isWindows() ? ".dll" : ".so";
    private static final String CPU = "cpu";

    private final Path folder;

    BackendLoader(Path folder) {
        this.folder = folder;
    }

    /** Loads each backend, the CPU last: ggml prefers devices in the order of their registration. */
    List<BackendPlugin> load() {
        Map<String, List<Path>> files = files();
        if (!files.containsKey(CPU)) {
            throw new NativeLibraryException("The folder " + folder + " holds no CPU backend (" + PREFIX + CPU + SUFFIX
                    + " or a variant of it). Build it with make native.");
        }
        List<BackendPlugin> plugins = new ArrayList<>();
        files.entrySet().stream()
                .sorted(Comparator.comparing(entry -> CPU.equals(entry.getKey())))
                .forEach(entry -> plugins.add(load(entry.getKey(), entry.getValue())));
        plugins.forEach(this::report);
        return List.copyOf(plugins);
    }

    private Map<String, List<Path>> files() {
        try (Stream<Path> entries = Files.list(folder)) {
            Map<String, List<Path>> files = new TreeMap<>();
            entries.sorted().forEach(file -> {
                String backend = backendOf(file);
                if (backend != null) {
                    files.computeIfAbsent(backend, name -> new ArrayList<>()).add(file);
                }
            });
            return files;
        } catch (IOException e) {
            throw new NativeLibraryException("The folder " + folder + " cannot be listed: " + e + ".", e);
        }
    }

    /** {@code cpu} of {@code libggml-cpu-haswell.so}; null for other files. */
    private static @Nullable String backendOf(Path file) {
        String name = file.getFileName().toString();
        if (!name.startsWith(PREFIX) || !name.endsWith(SUFFIX)) {
            return null;
        }
        String variant = name.substring(PREFIX.length(), name.length() - SUFFIX.length());
        return variant.split("-", 2)[0];
    }

    private BackendPlugin load(String name, List<Path> files) {
        Optional<Path> best = files.size() == 1
                ? Optional.of(files.getFirst())
                : files.stream().filter(file -> score(file) > 0).max(Comparator.comparingInt(BackendLoader::score));
        if (best.isEmpty()) {
            return new BackendPlugin(
                    name, false, "this processor supports no variant of the " + files.size() + " present");
        }
        NativeLog.forget();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment loaded =
                    LlamaCpp.ggml_backend_load(arena.allocateFrom(best.get().toString()));
            return loaded.equals(MemorySegment.NULL)
                    ? new BackendPlugin(name, false, String.join("; ", NativeLog.lastLines()))
                    : new BackendPlugin(name, true, best.get().getFileName().toString());
        }
    }

    /** How well a variant suits this processor; 0 where it cannot run. */
    private static int score(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            Optional<MemorySegment> function =
                    SymbolLookup.libraryLookup(file, arena).find("ggml_backend_score");
            if (function.isEmpty()) {
                return 1;
            }
            FunctionDescriptor intOfNothing = FunctionDescriptor.of(ValueLayout.JAVA_INT);
            return (int) Linker.nativeLinker()
                    .downcallHandle(function.get(), intOfNothing)
                    .invokeExact();
        } catch (IllegalArgumentException e) {
            // The dynamic linker refuses the file.
            return 0;
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing", e);
        }
    }

    private void report(BackendPlugin plugin) {
        if (plugin.loaded()) {
            return;
        }
        if (plugin.name().equals(CPU)) {
            throw new NativeLibraryException("The CPU backend in " + folder + " could not be loaded: " + plugin.detail()
                    + ". Build it on this machine with make native.");
        }
        System.getLogger(NativeLog.NAME)
                .log(
                        Level.WARNING,
                        "The backend " + plugin.name() + " could not be loaded and is not used: " + plugin.detail());
    }
}
