package io.lethean.lem.internal.llama;

import io.lethean.lem.internal.ffi.LlamaCpp;

/** What the native libraries were built from. */
public final class NativeBuild {

    private NativeBuild() {}

    /** The release of llama.cpp, such as {@code v0.5.0}. */
    public static String llamaCppVersion() {
        return NativeText.read(LlamaCpp.lem_build_version());
    }

    /** The backends, such as {@code cpu,cuda}. */
    public static String backends() {
        return NativeText.read(LlamaCpp.lem_build_backends());
    }
}
