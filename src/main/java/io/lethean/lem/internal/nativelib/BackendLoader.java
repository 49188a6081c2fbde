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

    private static final String CPU = "cpu";

    private final Path folder;

    BackendLoader(Path folder) {
        this.folder = folder;
    }

    /** Loads each backend, the CPU last: ggml prefers devices in the order of their registration. */
    List<BackendPlugin> load() {
        Map<String, List<Path>> files = files();
        if (!files.containsKey(CPU)) {
            throw new NativeLibraryException("The folder " + folder + " holds no CPU backend ("
                    + Platform.CURRENT.backend(CPU) + " or a variant of it). Build it with make native.");
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
        String variant = Platform.CURRENT.backendIn(file.getFileName().toString());
        return variant == null ? null : variant.split("-", 2)[0];
    }

    private BackendPlugin load(String name, List<Path> files) {
        List<String> refused = new ArrayList<>();
        List<Path> whole = files.stream().filter(file -> fits(file, refused)).toList();
        if (whole.isEmpty()) {
            return new BackendPlugin(name, false, String.join("; ", refused));
        }
        refused.forEach(reason -> warn("A variant of the backend " + name + " is not used: " + reason));
        Optional<Path> best = whole.size() == 1
                ? Optional.of(whole.getFirst())
                : whole.stream().filter(file -> score(file) > 0).max(Comparator.comparingInt(BackendLoader::score));
        if (best.isEmpty()) {
            return new BackendPlugin(
                    name, false, "this processor supports no variant of the " + whole.size() + " present");
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

    private static boolean fits(Path file, List<String> refused) {
        Optional<String> reason = LibraryFile.refusal(file, Platform.CURRENT);
        reason.ifPresent(words -> refused.add(file.getFileName() + " " + words));
        return reason.isEmpty();
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
        warn("The backend " + plugin.name() + " could not be loaded and is not used: " + plugin.detail());
    }

    private static void warn(String sentence) {
        System.getLogger(NativeLog.NAME).log(Level.WARNING, sentence);
    }
}
