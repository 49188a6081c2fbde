package io.lethean.lem.cli;

import io.lethean.lem.model.LemModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A model that is loaded when the first answer is needed, and never for a run that is complete. */
final class OnDemandModel implements Supplier<LemModel>, AutoCloseable {

    private final ModelArguments arguments;
    private final @Nullable NamedModel named;
    private @Nullable LemModel loaded;

    OnDemandModel(ModelArguments arguments) {
        this(arguments, null);
    }

    /** @param named the model to load instead of the one in the arguments; null for that one */
    OnDemandModel(ModelArguments arguments, @Nullable NamedModel named) {
        this.arguments = arguments;
        this.named = named;
    }

    /** The log of a run, next to its output. */
    static Path logOf(Path output) {
        return output.resolveSibling(output.getFileName() + ".run.jsonl");
    }

    @Override
    public LemModel get() {
        LemModel model = loaded;
        if (model == null) {
            try {
                model = named == null ? arguments.load() : arguments.load(named);
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
