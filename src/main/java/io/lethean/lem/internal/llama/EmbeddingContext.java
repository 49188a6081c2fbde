package io.lethean.lem.internal.llama;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_batch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * What a context that was created for embeddings computes of one text at a time. Confined to the model's thread.
 *
 * <p>A text begins in an empty context, so its result depends on the text alone. llama.cpp aborts on more tokens than a
 * micro-batch if tokens attend to later ones, and on positions that the model does not have; the caller counts first.
 */
public final class EmbeddingContext {

    private final NativeContext context;
    private final int width;
    private final int labels;

    /**
     * @param context has the output that is read here
     * @param model the model of the context
     */
    public EmbeddingContext(NativeContext context, NativeModel model) {
        this.context = context;
        this.width = model.embeddingSize();
        this.labels = model.labels();
    }

    /** The context, which somebody else owns. */
    public NativeContext context() {
        return context;
    }

    /**
     * Evaluates tokens, and hands out the embedding of each in order; its memory is valid during the call.
     *
     * @param tokens at least one
     * @return false if the cancel flag was raised meanwhile
     */
    public boolean embed(int[] tokens, Consumer<MemorySegment> embeddings) {
        context.clear();
        int most = context.batchTokens();
        for (int from = 0; from < tokens.length; from += most) {
            int[] piece = Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + most));
            if (!context.decode(piece)) {
                return false;
            }
            for (int i = 0; i < piece.length; i++) {
                embeddings.accept(read(
                        LlamaCpp.llama_get_embeddings_ith(context.handle(), i), width, "llama_get_embeddings_ith"));
            }
        }
        return true;
    }

    /**
     * Evaluates tokens for {@link #labelValues()}.
     *
     * @param tokens at least one
     * @return false if the cancel flag was raised meanwhile
     */
    public boolean classify(int[] tokens) {
        context.clear();
        return context.decode(tokens);
    }

    /**
     * Evaluates vectors that stand for tokens, in one call, for {@link #labelValues()}.
     *
     * @param vectors a row of the hidden size for each of at least one token
     * @return false if the cancel flag was raised meanwhile
     */
    public boolean classify(float[][] vectors) {
        context.clear();
        NativeFailure.begin();
        try (Arena arena = Arena.ofConfined()) {
            int columns = vectors[0].length;
            MemorySegment rows = arena.allocate(ValueLayout.JAVA_FLOAT, (long) vectors.length * columns);
            for (int i = 0; i < vectors.length; i++) {
                MemorySegment.copy(vectors[i], 0, rows, ValueLayout.JAVA_FLOAT, 4L * i * columns, columns);
            }
            MemorySegment batch = llama_batch.allocate(arena);
            llama_batch.n_tokens(batch, vectors.length);
            llama_batch.embd(batch, rows);
            return context.decode(batch, vectors.length);
        }
    }

    /** The values of the classification head for what was evaluated last. */
    public float[] labelValues() {
        return read(LlamaCpp.llama_get_embeddings_seq(context.handle(), 0), labels, "llama_get_embeddings_seq")
                .toArray(ValueLayout.JAVA_FLOAT);
    }

    private static MemorySegment read(MemorySegment values, int count, String function) {
        if (values.equals(MemorySegment.NULL)) {
            throw new NativeCallException("llama.cpp computed no embedding. " + NativeFailure.explain(), function, 0);
        }
        return values.reinterpret(count * (long) Float.BYTES);
    }
}
