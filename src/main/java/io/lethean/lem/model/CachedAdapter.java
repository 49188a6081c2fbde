package io.lethean.lem.model;

import io.lethean.lem.internal.llama.NativeAdapter;
import io.lethean.lem.internal.llama.NativeModel;
import org.jspecify.annotations.Nullable;

/**
 * One adapter in an {@link AdapterCache}: checked, and loaded when it is first applied. The cache counts who holds it; the
 * model's thread loads and frees it.
 */
final class CachedAdapter {

    private final AdapterSource source;
    private int holders;
    private @Nullable NativeAdapter loaded;

    /** Takes ownership of the source. */
    CachedAdapter(AdapterSource source) {
        this.source = source;
    }

    /** For the cache, under its lock. */
    void hold() {
        holders++;
    }

    /** For the cache, under its lock. */
    void release() {
        holders--;
    }

    /** For the cache, under its lock. */
    boolean isHeld() {
        return holders > 0;
    }

    /**
     * The adapter in native memory; for the model's thread.
     *
     * @throws io.lethean.lem.InvalidModelException if llama.cpp refuses it
     */
    NativeAdapter load(NativeModel model) {
        if (loaded == null) {
            loaded =
                    NativeAdapter.load(model, source.file().path(), source.use().path());
            source.close();
        }
        return loaded;
    }

    /** Frees it, after no context applies it; for the model's thread. */
    void free() {
        source.close();
        if (loaded != null) {
            loaded.close();
            loaded = null;
        }
    }
}
