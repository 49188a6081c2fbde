package io.lethean.lem.model;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.model.NativeText.ErrorBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A LoRA adapter in native memory. The model's thread frees it, after it was taken off the context. */
final class NativeAdapter implements AutoCloseable {

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment handle;
    private final float strength;

    private NativeAdapter(MemorySegment adapter, float strength) {
        handle = adapter.reinterpret(arena, null);
        this.strength = strength;
    }

    /**
     * Loads a file that was checked against the model.
     *
     * @throws InvalidModelException if llama.cpp refuses it all the same
     */
    static NativeAdapter load(NativeModel model, AdapterSource source) {
        try (Arena call = Arena.ofConfined()) {
            ErrorBuffer error = new ErrorBuffer(call);
            NativeFailure.begin();
            MemorySegment loaded = LlamaCpp.lem_adapter_load(
                    model.handle(), call.allocateFrom(source.file().path().toString()), error.address(), error.size());
            if (loaded.equals(MemorySegment.NULL)) {
                throw new InvalidModelException(
                        "llama.cpp",
                        "llama.cpp could not load the adapter %s. %s%s"
                                .formatted(
                                        source.use().path(),
                                        error.message().isEmpty() ? "" : "The reason: " + error.message() + ". ",
                                        NativeFailure.explain()));
            }
            return new NativeAdapter(loaded, source.use().strength());
        }
    }

    MemorySegment handle() {
        return handle;
    }

    float strength() {
        return strength;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            LlamaCpp.llama_adapter_lora_free(handle);
            arena.close();
        }
    }
}
