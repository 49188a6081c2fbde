package io.lethean.lem.model;

import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.llama.ContextParameters;
import io.lethean.lem.internal.llama.ContextParameters.Output;
import io.lethean.lem.internal.llama.EmbeddingContext;
import io.lethean.lem.internal.llama.NativeContext;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * The contexts that compute embeddings. An encoder's own context is one; others are created at first use, so that a chat
 * keeps what its context holds. Confined to the model's thread, and closed before adapters and model.
 */
final class EmbeddingContexts implements AutoCloseable {

    private static final int SMALLEST = 512;
    private static final int PADDING = 256;

    private record Own(NativeContext context, int tokens) {}

    private final ModelLoader.Loaded loaded;
    private final AppliedAdapters adapters;
    private final Map<Output, Own> own = new EnumMap<>(Output.class);

    EmbeddingContexts(ModelLoader.Loaded loaded, AppliedAdapters adapters) {
        this.loaded = loaded;
        this.adapters = adapters;
    }

    /** The context for texts of up to this many tokens. */
    EmbeddingContext get(Output output, int tokens) {
        if (loaded.plan().output() == output) {
            return new EmbeddingContext(loaded.context(), loaded.model());
        }
        Own known = own.get(output);
        if (known == null || known.tokens < tokens) {
            if (known != null) {
                own.remove(output);
                known.context.close();
            }
            known = create(output, size(tokens));
            own.put(output, known);
        }
        return new EmbeddingContext(known.context, loaded.model());
    }

    /** A decoder's context grows by doubling: it needs a KV cache. */
    private int size(int tokens) {
        int most = Math.ceilDiv(loaded.plan().contextTokens(), PADDING) * PADDING;
        return loaded.plan().isEncoder()
                ? loaded.plan().contextTokens()
                : Math.clamp(Integer.highestOneBit(Math.max(1, tokens - 1)) * 2L, Math.min(SMALLEST, most), most);
    }

    private Own create(Output output, int tokens) {
        ContextParameters parameters = loaded.plan().embeddingParameters(output, tokens);
        requireMemory(parameters);
        NativeContext context = loaded.model().createContext(parameters);
        adapters.applyTo(context);
        return new Own(context, tokens);
    }

    /** Memory that is short would be promised by the system, and then be missing. */
    private void requireMemory(ContextParameters parameters) {
        ContextRoom room;
        try {
            room = ContextRoom.of(loaded.plan(), parameters);
        } catch (NativeCallException refused) {
            // Creating the context says why.
            return;
        }
        if (!room.suffices()) {
            throw new InsufficientMemoryException(
                    String.format(
                            Locale.ROOT,
                            "Embedding texts of up to %d tokens with %s needs %,d MiB, and %,d MiB are free. Embed shorter"
                                    + " texts, or load the model with fewer contextTokens.",
                            parameters.size().tokens(),
                            loaded.plan().path(),
                            Math.ceilDiv(room.needed(), 1L << 20),
                            room.available() >> 20),
                    room.needed(),
                    room.available());
        }
    }

    /** Closes what was created here; it is created again when it is needed. */
    @Override
    public void close() {
        own.values().forEach(each -> each.context.close());
        own.clear();
    }
}
