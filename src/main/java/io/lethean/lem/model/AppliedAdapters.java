package io.lethean.lem.model;

import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.NativeModel;

/**
 * Which adapters the model's context applies: those of the model, or those that a request names. Confined to the model's
 * thread, and closed before the context.
 */
final class AppliedAdapters implements AutoCloseable {

    private final NativeModel model;
    private final NativeContext context;
    private final AdapterCache cache;
    private AdapterSet own = AdapterSet.NONE;
    private AdapterSet applied = AdapterSet.NONE;

    /** @param cache is closed with this */
    AppliedAdapters(NativeModel model, NativeContext context, AdapterCache cache) {
        this.model = model;
        this.context = context;
        this.cache = cache;
    }

    /** Those of the model. */
    AdapterSet own() {
        return own;
    }

    /** What a request is answered with. */
    AdapterSet of(EncodedRequest request) {
        AdapterSet named = request.adapters();
        return named == null ? own : named;
    }

    /** What the context applies now. */
    AdapterSet applied() {
        return applied;
    }

    /** Applies the adapters of the model. */
    void useOwn() {
        use(own);
    }

    /** Applies these; what other sequences hold stays. If one cannot be loaded, nothing changes. */
    void use(AdapterSet set) {
        if (!set.equals(applied)) {
            context.apply(set.load(model));
            applied = set;
            cache.freeUnused(applied);
        }
    }

    /**
     * Replaces the adapters of the model, and applies them.
     *
     * @return the former ones, which the caller releases
     */
    AdapterSet replaceOwn(AdapterSet set) {
        use(set);
        AdapterSet former = own;
        own = set;
        return former;
    }

    /** Has another context of the model use the model's adapters; it is closed before they are replaced. */
    void applyTo(NativeContext other) {
        if (!own.adapters().isEmpty()) {
            other.apply(own.load(model));
        }
    }

    @Override
    public void close() {
        use(AdapterSet.NONE);
        cache.close();
    }
}
