package io.lethean.lem.internal.llama;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.llama.NativeText.ErrorBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Locale;

/** A LoRA adapter in native memory. The model's thread frees it, after it was taken off the context. */
public final class NativeAdapter implements AutoCloseable {

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment handle;

    private NativeAdapter(MemorySegment adapter) {
        handle = adapter.reinterpret(arena, null);
    }

    /**
     * Loads a file that was checked against the model.
     *
     * @param name the adapter for messages; of a converted one, where it came from
     * @throws InvalidModelException if llama.cpp refuses it nevertheless
     */
    public static NativeAdapter load(NativeModel model, Path file, Path name) {
        try (Arena call = Arena.ofConfined()) {
            ErrorBuffer error = new ErrorBuffer(call);
            NativeFailure.begin();
            MemorySegment loaded = LlamaCpp.lem_adapter_load(
                    model.handle(), call.allocateFrom(file.toString()), error.address(), error.size());
            if (loaded.equals(MemorySegment.NULL)) {
                throw new InvalidModelException(
                        "llama.cpp",
                        String.format(
                                Locale.ROOT,
                                "llama.cpp could not load the adapter %s. %s%s",
                                name,
                                error.message().isEmpty() ? "" : "The reason: " + error.message() + ". ",
                                NativeFailure.explain()));
            }
            return new NativeAdapter(loaded);
        }
    }

    MemorySegment handle() {
        return handle;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            LlamaCpp.llama_adapter_lora_free(handle);
            arena.close();
        }
    }
}
