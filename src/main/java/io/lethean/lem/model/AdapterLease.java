package io.lethean.lem.model;

import io.lethean.lem.adapter.AdapterUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The adapters that the requests of a call name, held until they are answered. One that cannot be used fails the requests
 * that name it, and only those. Filled by one thread, then read by the model's.
 */
final class AdapterLease implements AutoCloseable {

    private final AdapterCache cache;
    private final Map<List<AdapterUse>, AdapterSet> held = new HashMap<>();
    private final Map<List<AdapterUse>, RuntimeException> refused = new HashMap<>();

    AdapterLease(AdapterCache cache) {
        this.cache = cache;
    }

    /** Holds the adapters of a request. */
    void add(GenerationOptions options) {
        options.adapters()
                .filter(uses -> !held.containsKey(uses) && !refused.containsKey(uses))
                .ifPresent(this::hold);
    }

    private void hold(List<AdapterUse> uses) {
        try {
            held.put(uses, cache.hold(uses));
        } catch (IOException unreadable) {
            refused.put(uses, new UncheckedIOException(unreadable.getMessage(), unreadable));
        } catch (RuntimeException unusable) {
            refused.put(uses, unusable);
        }
    }

    /**
     * The adapters of a request; null if it takes those of the model.
     *
     * @throws RuntimeException why they cannot be used
     */
    @Nullable
    AdapterSet of(GenerationOptions options) {
        List<AdapterUse> uses = options.adapters().orElse(null);
        RuntimeException refusal = refused.get(uses);
        if (refusal != null) {
            throw refusal;
        }
        return held.get(uses);
    }

    @Override
    public void close() {
        held.values().forEach(cache::release);
        held.clear();
    }
}
