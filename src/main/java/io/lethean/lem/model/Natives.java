package io.lethean.lem.model;

import io.lethean.lem.NativeLibraryException;
import io.lethean.lem.ffi.LlamaCpp;
import io.lethean.lem.nativelib.AbortGuard;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** Stand-in until the native libraries are found by their own package. */
final class Natives {

    private static boolean loaded;

    private Natives() {}

    static synchronized void load() {
        if (loaded) {
            return;
        }
        String property = System.getProperty("lem.native.path");
        if (property == null) {
            throw new NativeLibraryException("The property lem.native.path does not name the folder of the libraries.");
        }
        Path folder = Path.of(property).toAbsolutePath();
        for (String name : new String[] {"lem-ggml-base", "lem-ggml", "lem-llama", "lem-shim"}) {
            System.load(folder.resolve(System.mapLibraryName(name)).toString());
        }
        try (Arena arena = Arena.ofConfined()) {
            LlamaCpp.ggml_backend_load_all_from_path(arena.allocateFrom(folder.toString()));
        }
        AbortGuard.install();
        loaded = true;
    }

    /** The last lines of llama.cpp's log. */
    static String logTail() {
        return "";
    }
}
