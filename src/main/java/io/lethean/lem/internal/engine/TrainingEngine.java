package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.gguf.GgufFile;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Computes loss and gradients of what is trained, an adapter or all weights, over batches, and steps the optimizer. One
 * thread at a time.
 *
 * <pre>
 * engine.accumulate(batch);        // once per micro-batch
 * engine.step(OptimizerStep.adamW(1e-4f, 1));
 * </pre>
 */
public final class TrainingEngine implements AutoCloseable {

    /**
     * Graphs for other shapes are kept up to this much memory; the ones not used for longest go first. Large ones take
     * next to no time to build compared with a step, and were not in the estimate of what training needs.
     */
    private static final long KEPT_BYTES = 256L << 20;

    private final Backend backend;
    private final Decoder decoder;
    private final Optimizer optimizer;
    private EngineOptions options;
    private final Map<BatchShape, BucketGraphs> buckets = new LinkedHashMap<>(16, 0.75f, true);
    private int accumulatedTokens;

    private TrainingEngine(Backend backend, Decoder decoder, EngineOptions options) {
        this.backend = backend;
        this.decoder = decoder;
        this.options = options;
        optimizer = new Optimizer(decoder.trainable(), options, backend);
        clearGradients();
    }

    /**
     * Opens a model on the CPU with a new adapter that changes nothing yet.
     *
     * @param seed of the adapter's first numbers
     * @throws io.lethean.lem.InvalidModelException naming what blocks training
     */
    public static TrainingEngine open(GgufFile model, AdapterSpec adapter, EngineOptions options, long seed)
            throws IOException {
        return open(model, adapter, options, seed, Backend.cpu(options.threads()));
    }

    /** Opens the engine on a backend, which the engine closes. */
    public static TrainingEngine open(
            GgufFile model, AdapterSpec adapter, EngineOptions options, long seed, Backend backend) throws IOException {
        return open(() -> Decoder.open(model, adapter, backend), options, seed, backend);
    }

    /**
     * Opens a model to train all its weights, which must be f32, on the CPU.
     *
     * @throws io.lethean.lem.InvalidModelException naming what blocks training
     */
    public static TrainingEngine openWhole(GgufFile model, EngineOptions options) throws IOException {
        return openWhole(model, options, Backend.cpu(options.threads()));
    }

    /** Opens the engine on a backend, which the engine closes. */
    public static TrainingEngine openWhole(GgufFile model, EngineOptions options, Backend backend) throws IOException {
        return open(() -> Decoder.openWhole(model, backend), options, 0, backend);
    }

    private interface Opening {
        Decoder open() throws IOException;
    }

    private static TrainingEngine open(Opening opening, EngineOptions options, long seed, Backend backend)
            throws IOException {
        Decoder decoder = null;
        try {
            decoder = opening.open();
            decoder.trainable().initialize(seed);
            return new TrainingEngine(backend, decoder, options);
        } catch (IOException | RuntimeException e) {
            if (decoder != null) {
                decoder.close();
            }
            backend.close();
            throw e;
        }
    }

    /** The device that computes. */
    public String device() {
        return backend.name();
    }

    /** What gradients are multiplied by until the optimizer divides it out. */
    public float lossScale() {
        return options.lossScale();
    }

    /** Multiplies gradients by another number from now on, and forgets those that were added up. */
    public void useLossScale(float scale) {
        if (scale != options.lossScale()) {
            options = options.withLossScale(scale);
            forgetOver(0);
            clearGradients();
        }
    }

    public DecoderSpec spec() {
        return decoder.spec();
    }

    /** What is trained: to copy, to restore, and as a file has it. */
    public Trainable trainable() {
        return decoder.trainable();
    }

    /**
     * The adapter's matrices.
     *
     * @throws IllegalStateException if all weights are trained instead
     */
    public AdapterWeights adapter() {
        return switch (decoder.trainable()) {
            case AdapterWeights adapter -> adapter;
            case ModelWeights whole -> throw new IllegalStateException("This engine trains all weights, no adapter.");
        };
    }

    /** As {@link #accumulate(SampleBatch, long)}, where nothing is dropped or it does not matter what. */
    public LossSum accumulate(SampleBatch batch) {
        return accumulate(batch, 0);
    }

    /**
     * Adds the gradients of a batch's summed loss; returns that loss.
     *
     * @param drawing what dropout leaves out follows from it; see {@link DropoutMasks#drawing}
     */
    public LossSum accumulate(SampleBatch batch, long drawing) {
        SampleBatch compact = compact(checked(batch));
        LossSum loss = bucket(compact).gradients(compact, drawing);
        accumulatedTokens += loss.tokens();
        return loss;
    }

    /** The summed loss of a batch, without gradients and without dropout. */
    public LossSum evaluate(SampleBatch batch) {
        SampleBatch compact = compact(checked(batch));
        return bucket(compact).loss(compact);
    }

    /**
     * Changes what is trained by the gradients accumulated since the last step, and forgets them.
     *
     * <p>If the gradients are not finite, it and the moments stay as they are.
     *
     * @return the norm of the gradient of the mean loss per token, before it was clipped
     */
    public double step(OptimizerStep step) {
        double unscaled = 1 / (options.lossScale() * Math.max(1.0, accumulatedTokens));
        double norm = optimizer.gradientNorm() * unscaled;
        if (Double.isFinite(norm)) {
            double clip = norm > step.clipNorm() ? step.clipNorm() / norm : 1;
            optimizer.step(step, unscaled * clip);
        }
        clearGradients();
        return norm;
    }

    /** Clears what {@link #accumulate} added. */
    public void clearGradients() {
        decoder.trainable().clearGradients();
        accumulatedTokens = 0;
    }

    /** The graphs for batches of this shape, built when they are first needed. */
    public BucketGraphs bucket(SampleBatch batch) {
        BatchShape shape = BatchShape.of(batch);
        BucketGraphs known = buckets.get(shape);
        if (known == null) {
            forgetOver(KEPT_BYTES);
            known = new BucketGraphs(decoder, shape, options, backend);
            buckets.put(shape, known);
        }
        return known;
    }

    /** Without padding, where nothing depends on the place of a row: masks of dropout are drawn row by row. */
    SampleBatch compact(SampleBatch batch) {
        boolean placed = decoder.trainable().dropout().isPresent() || !backend.hasFused(options.derivatives());
        return placed ? batch : batch.compact();
    }

    /** Frees graphs until what is left takes no more than so much. */
    public void forgetOver(long bytes) {
        long kept = buckets.values().stream().mapToLong(BucketGraphs::bytes).sum();
        Iterator<BucketGraphs> eldestFirst = buckets.values().iterator();
        while (kept > bytes && eldestFirst.hasNext()) {
            BucketGraphs eldest = eldestFirst.next();
            kept -= eldest.bytes();
            eldestFirst.remove();
            eldest.close();
        }
    }

    /** Bytes of all allocated memory, without the model's own. */
    public long memoryBytes() {
        return decoder.rowListBytes()
                + decoder.trainable().bytes()
                + buckets.values().stream()
                        .mapToLong(b -> b.stashBytes() + b.workBytes())
                        .sum();
    }

    private SampleBatch checked(SampleBatch batch) {
        int vocabulary = decoder.spec().widths().vocabulary();
        for (int token : batch.tokens()) {
            if (token < 0 || token >= vocabulary) {
                throw new IllegalArgumentException("The token " + token + " is not of the model's " + vocabulary + ".");
            }
        }
        for (int target : batch.targets()) {
            if (target != SampleBatch.NO_TARGET && (target < 0 || target >= vocabulary)) {
                throw new IllegalArgumentException(
                        "The target " + target + " is not of the model's " + vocabulary + ".");
            }
        }
        return batch;
    }

    @Override
    public void close() {
        buckets.values().forEach(BucketGraphs::close);
        optimizer.close();
        decoder.close();
        backend.close();
    }
}
