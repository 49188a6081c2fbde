package io.lethean.lem.model;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.io.Sha256;
import io.lethean.lem.internal.jfr.AdapterChangeEvent;
import io.lethean.lem.internal.jfr.ModelLoadEvent;
import io.lethean.lem.internal.llama.CancelFlag;
import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The native parts of a model, the thread that works with them, and their lifetime.
 *
 * <p>Safe for use by any number of threads; work runs on the model's thread, one piece after the other.
 */
final class LoadedModel {

    private static final System.Logger LOG = System.getLogger(LemModel.class.getName());

    private final ModelThread thread;
    private final ModelLoader.Loaded loaded;
    private final GgufFile file;
    private final MemoryGuard memory;
    private final Tokenizer tokenizer;
    private final AdapterCache adapterCache;
    private final AppliedAdapters applied;
    private final EmbeddingContexts embeddingContexts;
    private final Embedder embedder;
    private final Scheduler scheduler;
    private final int maxCalls;
    private final Likelihoods likelihoods;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile @Nullable CancelFlag running;
    private ModelThread.@Nullable Work<Boolean> freed;

    private LoadedModel(ModelThread thread, ModelLoader.Loaded loaded, GgufFile file, int maxCalls) {
        this.maxCalls = maxCalls;
        this.thread = thread;
        this.loaded = loaded;
        this.file = file;
        this.memory = new MemoryGuard("The model " + file.path());
        this.tokenizer = Tokenizer.of(file, loaded.vocabulary(), memory);
        this.adapterCache = new AdapterCache(file);
        this.applied = new AppliedAdapters(loaded.model(), loaded.context(), adapterCache);
        this.embeddingContexts = new EmbeddingContexts(loaded, applied);
        this.embedder = new Embedder(file, loaded, embeddingContexts);
        this.scheduler = new Scheduler(
                loaded.context(),
                loaded.vocabulary(),
                applied,
                this::encode,
                options -> TokenSelector.of(options, loaded.vocabulary()));
        this.likelihoods = new Likelihoods(loaded, applied, scheduler::forget);
    }

    private EncodedRequest encode(int index, GenerationRequest request) {
        EncodedRequest encoded = switch (request) {
            case GenerationRequest.Text text ->
                new EncodedRequest(index, tokenizer.encoder().plain(text.prompt()), text.options(), false);
            case GenerationRequest.Tokens tokens ->
                new EncodedRequest(index, known(tokens.prompt()), tokens.options(), false);
            case GenerationRequest.Prepare tokens ->
                new EncodedRequest(index, usableAgain(known(tokens.prompt())), tokens.options(), true);
            case GenerationRequest.Chat chat ->
                tokenizer.conversations().rendered(chat).encoded(index, tokenizer.conversations());
            case RenderedChat chat -> chat.encoded(index, tokenizer.conversations());
        };
        loaded.context().requireFits(encoded.prompt());
        return encoded;
    }

    /** The tokens that a later prompt can use again; all of them if it can use nothing. */
    private int[] usableAgain(int[] tokens) {
        int usable = loaded.context().usableAgain(tokens.length);
        return usable == 0 ? tokens : Arrays.copyOf(tokens, usable);
    }

    private int[] known(List<Integer> tokens) {
        int[] ids = Tokenizer.ids(tokens);
        tokenizer.vocabulary().requireTokens(ids);
        return ids;
    }

    static LoadedModel load(Path path, ModelOptions options) throws IOException {
        GgufFile file = ModelLoader.read(path);
        NativeLibraries.load();
        ModelThread thread = ModelThread.start("lem-" + path.getFileName());
        ModelLoadEvent event = ModelLoadEvent.start(path);
        try {
            AtomicBoolean interrupted = new AtomicBoolean();
            LoadProgress progress =
                    done -> !interrupted.get() && options.progress().onProgress(done);
            ModelLoader loader =
                    new ModelLoader(file, options.toBuilder().progress(progress).build());
            ModelLoader.Loaded loaded = thread.call(loader::load, () -> interrupted.set(true));
            ModelInfo info = loaded.info();
            event.loaded(
                    info.architecture().description(),
                    String.join(",", info.compute().devices()),
                    info.weights().bytes(),
                    info.context().tokens(),
                    info.compute().threads());
            info.warnings().forEach(warning -> LOG.log(Level.WARNING, warning));
            return new LoadedModel(thread, loaded, file, options.maxCalls());
        } catch (RuntimeException | Error failed) {
            thread.finish();
            throw failed;
        } finally {
            event.commit();
        }
    }

    NativeContext context() {
        return loaded.context();
    }

    /** The sum of the file's content, or that of the sums of its parts. */
    String sha256() throws IOException {
        return Sha256.of(file.paths());
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    ModelLoader.Loaded parts() {
        return loaded;
    }

    /**
     * Replaces the adapters.
     *
     * @param done runs on the model's thread after they were replaced
     */
    void replaceAdapters(List<AdapterUse> wanted, Runnable done) throws IOException {
        memory.requireOpen();
        AdapterSet unused = adapterCache.hold(wanted);
        AdapterChangeEvent event = AdapterChangeEvent.start();
        try {
            AdapterSet set = unused;
            unused = onThread(new CancelFlag(), () -> {
                embeddingContexts.close();
                likelihoods.close();
                AdapterSet former = applied.replaceOwn(set);
                scheduler.wipe();
                done.run();
                return former;
            });
        } finally {
            adapterCache.release(unused);
        }
        event.applied(wanted);
    }

    /** Answers the requests of a call together with those of others, and waits for the answers. */
    void answer(GenerationCall call, Cancellation cancellation) {
        requireUsable();
        embedder.facts().requireGenerator();
        Runnable raise = call.cancel()::raise;
        cancellation.onCancel(raise);
        try (AdapterLease adapters = adapterCache.lease(call.options())) {
            call.holds(adapters);
            scheduler.calls().add(call, maxCalls);
            schedule();
            thread.await(call.done(), raise, call.timeLimit(), call::expire);
        } finally {
            cancellation.forget(raise);
        }
    }

    /** Hands over a call without waiting for it; whatever becomes of it is silent. */
    void prepare(GenerationCall call) {
        AdapterLease adapters = adapterCache.lease(call.options());
        call.holds(adapters);
        call.done().onEnd(adapters::close);
        scheduler.calls().add(call);
        schedule();
    }

    private void schedule() {
        if (scheduled.compareAndSet(false, true)) {
            thread.submit(this::runScheduler).onFailure(this::failCalls);
        }
    }

    private void failCalls(Throwable cause) {
        scheduled.set(false);
        scheduler.calls().failAll(cause);
    }

    private boolean runScheduler() {
        CancelFlag flag = begin(new CancelFlag());
        try {
            scheduler.run(flag, thread::hasQueued);
        } finally {
            scheduled.set(false);
        }
        memory.requireOpen();
        if (!scheduler.calls().isEmpty()) {
            schedule();
        }
        return true;
    }

    /** Runs work on the model's thread that uses the context for itself; an interrupt and a close end it early. */
    <T> T run(Function<CancelFlag, T> work) {
        embedder.facts().requireGenerator();
        CancelFlag flag = new CancelFlag();
        return onThread(flag, () -> {
            try {
                useOwnAdapters();
                return work.apply(flag);
            } finally {
                scheduler.forget();
            }
        });
    }

    /** Runs work on the model's thread with the prompts that it holds. */
    <T extends @Nullable Object> T withMemory(Function<PromptMemory, T> work) {
        return onThread(new CancelFlag(), () -> {
            useOwnAdapters();
            return work.apply(scheduler.memory());
        });
    }

    /** Waits until a preparation has ended, one way or the other. */
    void awaitEnd(GenerationCall preparation) {
        try {
            thread.await(preparation.done(), preparation.cancel()::raise);
        } catch (RuntimeException failed) {
            // Only what it would have saved is lost.
        }
    }

    /** Runs work on the model's thread that leaves the context's cache alone; see {@link #run}. */
    <T> T embedding(Function<CancelFlag, T> work) {
        CancelFlag flag = new CancelFlag();
        return onThread(flag, () -> work.apply(flag));
    }

    Embedder embedder() {
        return embedder;
    }

    /** How likely each continuation is after a prompt; an interrupt and a close end it early. */
    List<LogLikelihood> logLikelihoods(int[] prompt, List<int[]> continuations) {
        embedder.facts().requireGenerator();
        CancelFlag flag = new CancelFlag();
        return onThread(flag, () -> {
            useOwnAdapters();
            return likelihoods.of(prompt, continuations, flag);
        });
    }

    /** How likely each token of a text is; an interrupt and a close end it early. */
    List<TokenLogprobs> logprobs(int[] text, int top) {
        embedder.facts().requireGenerator();
        CancelFlag flag = new CancelFlag();
        return onThread(flag, () -> {
            useOwnAdapters();
            return likelihoods.ofTokens(text, top, flag);
        });
    }

    /** For work without requests: what it computes does not depend on what was answered before. */
    private void useOwnAdapters() {
        applied.useOwn();
        scheduler.prepare();
    }

    private <T extends @Nullable Object> T onThread(CancelFlag flag, Supplier<T> work) {
        requireUsable();
        return thread.call(
                () -> {
                    memory.requireOpen();
                    loaded.context().watch(begin(flag));
                    return work.get();
                },
                flag::raise);
    }

    /** @throws RuntimeException if whatever is asked of the model would fail */
    void requireAlive() {
        memory.requireOpen();
        thread.requireAlive();
        requireUnchangedFile();
    }

    private void requireUsable() {
        memory.requireOpen();
        if (thread.isCurrent()) {
            throw new IllegalStateException("A listener must not call the model that it is listening to; call it after"
                    + " the generation returned.");
        }
        requireUnchangedFile();
    }

    /** Makes {@link #close} raise this flag, at once if it was called already. */
    private CancelFlag begin(CancelFlag flag) {
        running = flag;
        if (memory.isClosed()) {
            flag.raise();
        }
        return flag;
    }

    boolean isClosed() {
        return memory.isClosed();
    }

    /** Ends what is running and frees the memory; waits for that unless a listener calls it. */
    void close() {
        memory.close();
        CancelFlag current = running;
        if (current != null) {
            current.raise();
        }
        scheduler.calls().cancelBegun();
        ModelThread.Work<Boolean> freeing = freeOnce();
        if (thread.isCurrent()) {
            // Called by a listener: the generation that it is part of ends first.
            return;
        }
        try {
            thread.await(freeing, () -> {});
        } catch (NativeCallException lost) {
            LOG.log(Level.WARNING, "The memory of " + file.path() + " cannot be freed: " + lost.getMessage());
        }
    }

    private synchronized ModelThread.Work<Boolean> freeOnce() {
        if (freed == null) {
            freed = thread.submit(() -> {
                memory.free(() -> {
                    embeddingContexts.close();
                    likelihoods.close();
                    applied.close();
                    loaded.close();
                });
                return true;
            });
            thread.finish();
        }
        return freed;
    }

    /** A mapped file that was shortened would end the JVM when a lost page is read. */
    private void requireUnchangedFile() {
        if (!loaded.info().weights().mmap()) {
            return;
        }
        try {
            long size = 0;
            for (Path part : file.paths()) {
                size += Files.size(part);
            }
            if (size < file.fileSize()) {
                throw new IllegalStateException(String.format(
                        Locale.ROOT,
                        "The mapped file %s has shrunk from %d to %d bytes since it was loaded. Restore it and load it"
                                + " again; with mmap off a model does not depend on its file.",
                        file.path(),
                        file.fileSize(),
                        size));
            }
        } catch (IOException gone) {
            // A deleted file stays mapped and whole.
        }
    }
}
