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
    private final Console console;
    private @Nullable LemModel loaded;

    OnDemandModel(ModelArguments arguments, Console console) {
        this.arguments = arguments;
        this.console = console;
    }

    @Override
    public ChatModel get() {
        LemModel model = loaded;
        if (model == null) {
            try {
                model = arguments.load(console);
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
