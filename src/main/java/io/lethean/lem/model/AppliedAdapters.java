package io.lethean.lem.model;

import io.lethean.lem.internal.llama.NativeAdapter;
import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.NativeModel;
import java.util.ArrayList;
import java.util.List;

/**
 * The adapters that are applied to a model in its context. Confined to the model's thread, and closed before both.
 */
final class AppliedAdapters implements AutoCloseable {

    private final NativeModel model;
    private final NativeContext context;
    private List<NativeAdapter> applied = List.of();

    AppliedAdapters(NativeModel model, NativeContext context) {
        this.model = model;
        this.context = context;
    }

    /** Has another context of the model use these adapters; it is closed before they are replaced. */
    void applyTo(NativeContext other) {
        if (!applied.isEmpty()) {
            other.apply(applied);
        }
    }

    /** Replaces the adapters; if one cannot be loaded, the present ones stay. */
    void replace(List<AdapterSource> sources) {
        List<NativeAdapter> wanted = load(sources);
        List<NativeAdapter> former = applied;
        context.apply(wanted);
        applied = wanted;
        former.forEach(NativeAdapter::close);
    }

    private List<NativeAdapter> load(List<AdapterSource> sources) {
        List<NativeAdapter> loaded = new ArrayList<>();
        try {
            for (AdapterSource source : sources) {
                loaded.add(NativeAdapter.load(
                        model,
                        source.file().path(),
                        source.use().path(),
                        source.use().weight()));
            }
            return List.copyOf(loaded);
        } catch (RuntimeException | Error failed) {
            loaded.forEach(NativeAdapter::close);
            throw failed;
        }
    }

    @Override
    public void close() {
        replace(List.of());
    }
}
