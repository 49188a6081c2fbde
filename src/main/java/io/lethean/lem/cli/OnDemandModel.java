package io.lethean.lem.cli;

import io.lethean.lem.model.ChatModel;
import io.lethean.lem.model.LemModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A model that is loaded when the first answer is needed, and never for a run that is complete. */
final class OnDemandModel implements Supplier<ChatModel>, AutoCloseable {

    private final ModelArguments arguments;
    private @Nullable LemModel loaded;

    OnDemandModel(ModelArguments arguments) {
        this.arguments = arguments;
    }

    @Override
    public ChatModel get() {
        LemModel model = loaded;
        if (model == null) {
            try {
                model = arguments.load();
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
