package io.lethean.lem.evaluation.run;

import io.lethean.lem.model.LemModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A model that is loaded when the first answer is needed, and never for a run that is complete.
 *
 * <p>Owns the loaded model and closes it. Serves one thread.
 */
public final class OnDemandModel implements Supplier<LemModel>, AutoCloseable {

    private final NamedModel named;
    private @Nullable LemModel loaded;

    /**
     * A model that is not loaded yet.
     *
     * @param named the model to load
     */
    public OnDemandModel(NamedModel named) {
        this.named = named;
    }

    /**
     * The loaded model.
     *
     * @throws UncheckedIOException if its file cannot be read
     */
    @Override
    public LemModel get() {
        LemModel model = loaded;
        if (model == null) {
            try {
                model = named.load();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
            loaded = model;
        }
        return model;
    }

    @Override
    public void close() {
        if (loaded != null) {
            loaded.close();
        }
    }
}
