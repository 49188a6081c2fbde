package io.lethean.lem.internal.nativelib;

import io.lethean.lem.NativeLibraryException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Compares loaded libraries with the bindings before anything is called through them: every function that LEM calls
 * must be there, every struct that it reads or passes must have the size that the bindings lay out, and both must come
 * from one source. The names are those of {@code includes.txt}, which {@code make bindings} writes from the uses in the
 * code.
 */
final class LibraryCheck {

    private static final String BINDINGS = LlamaCpp.class.getPackageName();

    private final Path folder;

    LibraryCheck(Path folder) {
        this.folder = folder;
    }

    /** Refuses libraries that the bindings do not fit. */
    void run() {
        symbols(Pin.names("function"), SymbolLookup.loaderLookup());
        abi(LlamaCpp.lem_shim_abi());
        source(Pin.read(), text(LlamaCpp.lem_build_version()), text(LlamaCpp.lem_build_tree()));
        structs(Pin.names("struct"), LibraryCheck::nativeSize);
    }

    void symbols(List<String> functions, SymbolLookup lookup) {
        List<String> missing =
                functions.stream().filter(name -> lookup.find(name).isEmpty()).toList();
        if (!missing.isEmpty()) {
            String rest = missing.size() > 5 ? " and " + (missing.size() - 5) + " more" : "";
            throw unfit("lack " + missing.size() + " of the " + functions.size() + " functions that LEM calls ("
                    + String.join(", ", missing.stream().limit(5).toList()) + rest + ")");
        }
    }

    void abi(int found) {
        if (found != LlamaCpp.LEM_SHIM_ABI()) {
            throw unfit("have version " + found + " of the shim's interface, and these classes need version "
                    + LlamaCpp.LEM_SHIM_ABI());
        }
    }

    void source(Pin pin, String release, String tree) {
        if (!tree.equals(pin.tree())) {
            throw unfit("were built from llama.cpp " + release + " (git tree " + tree + "), and these classes need "
                    + pin.release() + " (git tree " + pin.tree() + ")");
        }
    }

    void structs(List<String> names, ToLongFunction<String> nativeSize) {
        for (String name : names) {
            long expected = layoutSize(name);
            long found = nativeSize.applyAsLong(name);
            if (found != expected) {
                throw unfit("lay out the struct " + name + " in " + found + " bytes, and these classes in " + expected);
            }
        }
    }

    /** The size in the bindings, which have a class for every struct of the include list. */
    private static long layoutSize(String struct) {
        try {
            return (long)
                    Class.forName(BINDINGS + "." + struct).getMethod("sizeof").invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("includes.txt names the struct " + struct + "; its generated class is missing", e);
        }
    }

    private static long nativeSize(String struct) {
        try (Arena arena = Arena.ofConfined()) {
            return LlamaCpp.lem_struct_size(arena.allocateFrom(struct));
        }
    }

    private static String text(MemorySegment string) {
        return string.getString(0);
    }

    private NativeLibraryException unfit(String difference) {
        return new NativeLibraryException("The native libraries in " + folder + " do not fit this version of LEM: they "
                + difference + ". Take both from one release, or run make native again.");
    }
}
