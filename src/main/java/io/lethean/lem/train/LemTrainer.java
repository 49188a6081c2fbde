package io.lethean.lem.train;

import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.TrainingException;
import io.lethean.lem.internal.engine.AdapterSpec;
import io.lethean.lem.internal.engine.BatchShape;
import io.lethean.lem.internal.engine.EngineOptions;
import io.lethean.lem.internal.engine.LossSum;
import io.lethean.lem.internal.engine.MemoryPlan;
import io.lethean.lem.internal.engine.TrainingEngine;
import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.nativelib.GuardedCall;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.train.dataset.TrainingSample;
import io.lethean.lem.train.options.FineTuneType;
import io.lethean.lem.train.options.TrainingOptions;
import io.lethean.lem.train.options.TuningOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Trains a LoRA adapter on the GGUF file that you serve, in any quantization, or all weights of an f32 file.
 *
 * <pre>{@code
 * TrainingOptions options = TrainingOptions.builder(model, data, Path.of("adapters")).iterations(200).build();
 * TrainingResult result = new LemTrainer(options).run();
 * }</pre>
 *
 * <p>A training that was cancelled or killed continues with {@link #resume}, and on one thread ends with the same bytes
 * as if it had never stopped. One thread at a time; nothing of it stays open after a method returned.
 *
 * <p>The work is done, and listeners are called, on a thread of its own. If an assertion of ggml fails there, as it does when a device
 * is lost, the method throws a {@link TrainingException}, checkpoints are kept, and the native memory of the training stays in use
 * until the process ends.
 */
public final class LemTrainer {

    private static final String THREAD = "lem-training";

    private final TrainingOptions options;

    /**
     * A trainer; nothing is read or computed yet.
     *
     * @param options model, data and everything that decides the training
     */
    public LemTrainer(TrainingOptions options) {
        this.options = options;
    }

    /**
     * {@return the names of all files that such a training writes into its adapter folder}
     *
     * @param type what is trained
     */
    public static Pattern writtenNames(FineTuneType type) {
        return AdapterFolder.writtenNames(type);
    }

    /**
     * Trains as {@link #run(TrainingListener, Cancellation)} does, without a listener.
     *
     * @return where the result is, and why the training ended
     * @throws IOException if a file cannot be read
     */
    public TrainingResult run() throws IOException {
        return run(TrainingListener.SILENT, new Cancellation());
    }

    /**
     * Starts a training and returns when it has ended.
     *
     * @param listener receives the events, on the training thread
     * @param cancellation ends the training after the update that is being computed, with a checkpoint
     * @return where the result is, and why the training ended
     * @throws io.lethean.lem.TrainingException if the adapter folder holds another training, if the loss or its
     *     gradients become NaN or infinite, or if a file cannot be written; checkpoints are kept
     * @throws io.lethean.lem.InvalidModelException naming what keeps the model from being trained, or the adapter from
     *     being the start
     * @throws io.lethean.lem.DeviceUnavailableException if the device is not there, naming those that are, or lacks an
     *     operation
     * @throws io.lethean.lem.InsufficientMemoryException saying what is needed, before anything is allocated
     * @throws io.lethean.lem.MalformedDataException naming file and line of a malformed example, or saying that no
     *     sample is short enough
     * @throws IllegalArgumentException if the model, or the adapter to start from, is one of the files in the adapter
     *     folder that a training writes, or if that adapter contradicts the options, naming both values
     * @throws IOException if a file cannot be read
     */
    public TrainingResult run(TrainingListener listener, Cancellation cancellation) throws IOException {
        return run(false, listener, cancellation);
    }

    /**
     * Resumes the training in the adapter folder from its newest checkpoint; starts it if there is no checkpoint.
     *
     * @param listener receives the events, on the training thread
     * @param cancellation ends the training after the update that is being computed, with a checkpoint
     * @return where the result is, and why the training ended
     * @throws io.lethean.lem.TrainingException as {@link #run(TrainingListener, Cancellation)}, and if model, data or
     *     options differ from those of the checkpoint, naming the difference
     * @throws IOException if a file cannot be read
     */
    public TrainingResult resume(TrainingListener listener, Cancellation cancellation) throws IOException {
        return run(true, listener, cancellation);
    }

    /**
     * Checks that the training could be run: model, data, adapter to start from and memory. Trains and writes nothing.
     *
     * @throws io.lethean.lem.LemException as {@link #run(TrainingListener, Cancellation)}
     * @throws IllegalArgumentException as {@link #run(TrainingListener, Cancellation)}
     * @throws IOException if a file cannot be read, or is malformed
     */
    public void check() throws IOException {
        guarded(() -> {
            checkHere();
            return null;
        });
    }

    private void checkHere() throws IOException {
        requireDevice();
        GgufFile model = GgufFile.readModel(options.files().model());
        TrainingOptions complete = StartingAdapter.of(options.tuning(), model)
                .map(adapter -> adapter.completed(options))
                .orElse(options);
        new LemTrainer(complete).plan(model, Corpus.read(complete), Optional.empty());
    }

    /**
     * Measures the result in the adapter folder on {@code test.jsonl} of the data folder, and appends the event to the
     * log.
     *
     * @param batches how many at most; {@link TrainingOptions#ALL} for all
     * @param listener receives the events, on the training thread
     * @return the loss on the test data
     * @throws io.lethean.lem.TrainingException if there is no result
     * @throws IOException if there is no such file, or a file cannot be read
     */
    public TrainingEvent.Tested test(int batches, TrainingListener listener) throws IOException {
        Path folder = options.files().adapterFolder();
        Path result = folder.resolve(options.tuning().fineTuneType().resultName() + ".gguf");
        LossSum loss = guarded(() -> new ResultLoss(options, result).over(batches));
        TrainingEvent.Tested tested = new TrainingEvent.Tested(0, loss.mean(), loss.tokens());
        EventLog.open(folder.resolve(AdapterFolder.EVENTS), listener).onEvent(tested);
        return tested;
    }

    /**
     * {@return the first samples of the training data as the model reads them, for people to check: a headline each,
     * and the text with what is learned between {@code ⟦} and {@code ⟧}}
     *
     * @param count how many at most
     * @throws IOException if a file cannot be read
     */
    public List<String> maskedSamples(int count) throws IOException {
        return Corpus.maskedText(options, count);
    }

    /**
     * Checks on this model and device that gradients are what they should be: of a few layers as f32 against finite
     * differences, and of the layers as they are by their direction. Needs no data and takes seconds.
     *
     * @return the checks and their bounds
     * @throws io.lethean.lem.InvalidModelException naming what keeps the model from being trained
     * @throws IOException if the model cannot be read
     */
    public Verification verify() throws IOException {
        return guarded(this::verifyHere);
    }

    private Verification verifyHere() throws IOException {
        GgufFile model = GgufFile.readModel(options.files().model());
        int threads = options.resources().threadsOrDefault();
        TuningOptions tuning = StartingAdapter.of(options.tuning(), model)
                .map(start -> start.completed(options).tuning())
                .orElse(options.tuning());
        // The lowest layers are the ones that are checked, whichever will be adapted.
        AdapterSpec adapter = new AdapterSpec(tuning.rank(), tuning.scale(), tuning.targets(), 0);
        return Verifier.verify(
                model,
                adapter,
                engineOptions(),
                () -> Backend.of(options.resources().device(), threads));
    }

    private TrainingResult run(boolean resume, TrainingListener listener, Cancellation cancellation)
            throws IOException {
        guarded(() -> {
            requireDevice();
            return null;
        });
        GgufFile model = GgufFile.readModel(options.files().model());
        Optional<StartingAdapter> start = StartingAdapter.of(options.tuning(), model);
        List<Path> inputs = new ArrayList<>(model.paths());
        start.ifPresent(adapter -> inputs.addAll(adapter.files()));
        AdapterFolder.requireWritesNoneOf(
                inputs, options.files().adapterFolder(), options.tuning().fineTuneType());
        TrainingOptions complete =
                start.map(adapter -> adapter.completed(options)).orElse(options);
        return new LemTrainer(complete).run(model, start, resume, listener, cancellation);
    }

    private TrainingResult run(
            GgufFile model,
            Optional<StartingAdapter> start,
            boolean resume,
            TrainingListener listener,
            Cancellation cancellation)
            throws IOException {
        Corpus corpus = Corpus.read(options);
        try (AdapterFolder folder = AdapterFolder.open(
                options.files().adapterFolder(), options.tuning().fineTuneType())) {
            return GuardedCall.run(
                    THREAD,
                    () -> train(model, start, corpus, folder, resume, listener, cancellation),
                    assertion -> lost(assertion, folder));
        }
    }

    private TrainingResult train(
            GgufFile model,
            Optional<StartingAdapter> start,
            Corpus corpus,
            AdapterFolder folder,
            boolean resume,
            TrainingListener listener,
            Cancellation cancellation)
            throws IOException {
        Optional<Path> from = resume ? folder.toResume() : folder.requireUnused();
        Optional<Checkpoint> checkpoint = from.isEmpty() ? Optional.empty() : Optional.of(Checkpoint.read(from.get()));
        Optional<MemoryPlan> plan = plan(model, corpus, checkpoint);
        EngineOptions engineOptions = plan.map(MemoryPlan::options).orElse(engineOptions());
        RunFacts facts =
                RunFacts.of(model, start.map(StartingAdapter::files).orElse(List.of()), options, engineOptions);
        if (checkpoint.isPresent()) {
            facts.requireSame(checkpoint.get().facts(), from.orElseThrow());
        }
        try (TrainingEngine engine = open(model, engineOptions)) {
            checkpoint.ifPresentOrElse(
                    found -> engine.trainable().restore(found.trained()),
                    () -> start.ifPresent(adapter -> adapter.loadInto(engine.adapter())));
            RunState state = checkpoint.map(Checkpoint::state).orElse(RunState.START);
            engine.useLossScale(state.lossScale());
            TrainingListener log = EventLog.open(folder.events(), listener);
            TrainingLoop loop = new TrainingLoop(options, engine, folder, corpus, facts, state, log, cancellation);
            log.onEvent(started(
                    loop,
                    corpus,
                    engine,
                    state,
                    plan.map(MemoryPlan::toString).orElse(""),
                    start.map(StartingAdapter::toString).orElse("")));
            return loop.run();
        }
    }

    /** Native work other than a training's own. */
    private <T extends @Nullable Object> T guarded(GuardedCall.Work<T> work) throws IOException {
        return GuardedCall.run(
                THREAD, work, assertion -> new TrainingException(failed(assertion) + " Start the process again."));
    }

    private String failed(String assertion) {
        return "An assertion of ggml failed on the device "
                + options.resources().device() + ": " + assertion + ". A device that was lost shows itself this way.";
    }

    private TrainingException lost(String assertion, AdapterFolder folder) {
        String where;
        try {
            where = folder.newest()
                    .map(file -> "The last good state is in " + file + "; resume the training in a new process.")
                    .orElse("No checkpoint had been saved; start the training in a new process.");
        } catch (IOException unreadable) {
            where = "The checkpoints are in " + options.files().adapterFolder() + ".";
        }
        return new TrainingException("The training was interrupted. " + failed(assertion) + " " + where);
    }

    /** Empty where all weights are trained, which is not estimated. */
    private Optional<MemoryPlan> plan(GgufFile model, Corpus corpus, Optional<Checkpoint> checkpoint) {
        if (options.tuning().fineTuneType() == FineTuneType.FULL) {
            return Optional.empty();
        }
        BatchShape largest = corpus.largestBatch(options);
        long available = availableBytes(model);
        boolean fused = Backend.isCpu(options.resources().device());
        try {
            if (checkpoint.isPresent()) {
                EngineOptions then = checkpoint.get().facts().engine(engineOptions());
                return Optional.of(MemoryPlan.ofGiven(model, adapter(model), largest, then, available, fused));
            }
            return Optional.of(MemoryPlan.of(model, adapter(model), largest, engineOptions(), available, fused));
        } catch (InsufficientMemoryException tooLittle) {
            throw ofDevice(tooLittle, model);
        }
    }

    private long availableBytes(GgufFile model) {
        String device = options.resources().device();
        long limit = options.resources().maxMemoryBytes();
        if (Backend.isCpu(device)) {
            return limit > 0 ? limit : Backend.availableHostBytes();
        }
        // A device has the model's weights in its own memory; one that does not exist is refused when it is opened.
        OptionalLong free = Backend.freeBytes(device);
        long left = free.isPresent() ? Math.max(0, free.getAsLong() - model.tensorBytes()) : Long.MAX_VALUE;
        return limit > 0 ? Math.min(limit, left) : left;
    }

    /** Says which memory it is that does not suffice. */
    private InsufficientMemoryException ofDevice(InsufficientMemoryException tooLittle, GgufFile model) {
        String device = options.resources().device();
        OptionalLong free = Backend.isCpu(device) ? OptionalLong.empty() : Backend.freeBytes(device);
        if (free.isEmpty()) {
            return tooLittle;
        }
        return new InsufficientMemoryException(
                String.format(
                        Locale.ROOT,
                        "%s The device %s has %.0f MB free, of which the model's weights take %.0f MB.",
                        tooLittle.getMessage(),
                        device,
                        free.getAsLong() / 1e6,
                        model.tensorBytes() / 1e6),
                tooLittle.requiredBytes(),
                tooLittle.availableBytes(),
                tooLittle);
    }

    /** Refuses a device that is not there before any file is read. */
    private void requireDevice() {
        Backend.of(options.resources().device(), 1).close();
    }

    private TrainingEngine open(GgufFile model, EngineOptions engineOptions) throws IOException {
        Backend backend = Backend.of(options.resources().device(), engineOptions.threads());
        return switch (options.tuning().fineTuneType()) {
            case LORA, DORA -> TrainingEngine.open(model, adapter(model), engineOptions, options.seed(), backend);
            case FULL -> TrainingEngine.openWhole(model, engineOptions, backend);
        };
    }

    private AdapterSpec adapter(GgufFile model) {
        int layers = (int)
                model.metadata().integer(model.metadata().ownKey("block_count")).orElse(0);
        return AdapterSpec.of(options.tuning(), layers);
    }

    private EngineOptions engineOptions() {
        return EngineOptions.defaults().withThreads(options.resources().threadsOrDefault());
    }

    private static TrainingEvent.Started started(
            TrainingLoop loop, Corpus corpus, TrainingEngine engine, RunState state, String memory, String start) {
        long parameters = engine.trainable().parameters().stream()
                .mapToLong(parameter -> parameter.value().shape().elements())
                .sum();
        return new TrainingEvent.Started(
                state.iteration(),
                loop.iterations(),
                corpus.train().samples().size(),
                corpus.train().leftOut().stream().map(TrainingSample::toString).toList(),
                corpus.train().truncated(),
                corpus.valid().map(set -> set.samples().size()).orElse(0),
                parameters,
                memory,
                start);
    }
}
