package io.lethean.lem.model;

import io.lethean.lem.Message;
import io.lethean.lem.NativeCallException;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A GGUF model in this process: weights, one context, tokenizer and chat template.
 *
 * <pre>{@code
 * try (LemModel model = LemModel.load(Path.of("model.gguf"))) {
 *     Generation answer = model.chat(List.of(Message.user("What is kindness?")), GenerationOptions.defaults());
 *     System.out.println(answer.text());
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Safe for use by any number of threads, virtual ones included. A model runs one generation at a time;
 * others wait for their turn. All native work happens on a thread of the model's own, and so do calls of listeners,
 * which therefore must not generate with the same model. Interrupting a waiting caller cancels its generation; the call
 * returns what there is, and the thread stays interrupted.
 *
 * <p><b>Lifetime.</b> {@link #close()} frees the native memory. It may be called at any time, from any thread, and more
 * than once: a generation that is running ends and returns with {@link FinishReason#CANCELLED}; every later call,
 * waiting ones included, is an {@link IllegalStateException}.
 */
public final class LemModel implements TextGenerator, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(LemModel.class.getName());

    private final ModelThread thread;
    private final ModelLoader.Loaded loaded;
    private final GgufFile file;
    private final PromptEncoder encoder;
    private final AppliedAdapters applied;
    /** Held for reading by native calls on callers' threads, for writing while the native memory is freed. */
    private final ReadWriteLock memory = new ReentrantReadWriteLock();

    private final AtomicBoolean closing = new AtomicBoolean();
    /** Made at first use: a model whose template is broken can still continue text. */
    private final Lazy<Conversations> conversations = new Lazy<>(this::conversations);

    private volatile @Nullable CancelFlag running;
    private volatile List<AdapterUse> adapters = List.of();
    private ModelThread.@Nullable Work<Boolean> freed;

    private LemModel(ModelThread thread, ModelLoader.Loaded loaded, GgufFile file) {
        this.thread = thread;
        this.loaded = loaded;
        this.file = file;
        this.encoder = new PromptEncoder(loaded.vocabulary());
        this.applied = new AppliedAdapters(loaded.model(), loaded.context());
    }

    /**
     * Loads a model with default options.
     *
     * @see #load(Path, ModelOptions)
     */
    public static LemModel load(Path path) throws IOException {
        return load(path, ModelOptions.defaults());
    }

    /**
     * Loads a model and creates its context.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws IOException if it cannot be read
     * @throws io.lethean.lem.InvalidModelException if the file breaks a rule or llama.cpp refuses it
     * @throws io.lethean.lem.InsufficientMemoryException if weights, cache and buffers would not fit
     * @throws io.lethean.lem.DeviceUnavailableException if the device asked for is absent
     * @throws io.lethean.lem.NativeLibraryException if the native libraries cannot be loaded
     * @throws java.util.concurrent.CancellationException if the progress listener ends the load
     */
    public static LemModel load(Path path, ModelOptions options) throws IOException {
        GgufFile file = ModelLoader.read(path);
        NativeLibraries.load();
        ModelThread thread = ModelThread.start("lem-" + path.getFileName());
        try {
            AtomicBoolean interrupted = new AtomicBoolean();
            LoadProgress progress =
                    done -> !interrupted.get() && options.progress().onProgress(done);
            ModelLoader loader =
                    new ModelLoader(file, options.toBuilder().progress(progress).build());
            ModelLoader.Loaded loaded = thread.call(loader::load, () -> interrupted.set(true));
            loaded.info().warnings().forEach(warning -> LOG.log(Level.WARNING, warning));
            return new LemModel(thread, loaded, file);
        } catch (RuntimeException | Error failed) {
            thread.finish();
            throw failed;
        }
    }

    /** The devices that are present, the processor included. */
    public static List<Device> devices() {
        NativeLibraries.load();
        return Devices.detect().list();
    }

    /** The release of llama.cpp that the native libraries are built from, such as {@code v0.5.0}. */
    public static String llamaCppVersion() {
        NativeLibraries.load();
        return NativeText.read(LlamaCpp.lem_build_version());
    }

    /**
     * Lays LoRA adapters over the weights, in the place of those that are there; an empty list bares the model again.
     *
     * <p>The weights stay as they are and are not loaded again. The adapters serve from the next generation on; one that
     * is running ends with those it began with. Several add up, in an order that llama.cpp chooses, so their sum may
     * differ in the last bit from one call to the next.
     *
     * @throws io.lethean.lem.InvalidModelException if one is malformed, cannot be expressed in GGUF (DoRA, biases), or
     *     was made for another model; those that were there stay
     * @throws io.lethean.lem.InsufficientMemoryException if they would not fit
     * @throws IOException if one cannot be read
     * @throws IllegalStateException if the model is closed
     */
    public void setAdapters(List<AdapterUse> adapters) throws IOException {
        requireOpen();
        List<AdapterUse> wanted = List.copyOf(adapters);
        try (AdapterSources sources = AdapterSources.of(wanted, file)) {
            onThread(new CancelFlag(), () -> {
                applied.replace(sources.list());
                this.adapters = wanted;
                return true;
            });
            sources.list().forEach(source -> source.notes().forEach(note -> LOG.log(Level.WARNING, note)));
        }
    }

    /** The adapters that lie over the weights. */
    public List<AdapterUse> adapters() {
        return adapters;
    }

    /** Continues a text greedily by at most 256 tokens. */
    public Generation generate(String prompt) {
        return generate(prompt, GenerationOptions.defaults());
    }

    /**
     * Continues a text: no template, a beginning-of-sequence token where the model wants one, and the texts of control
     * tokens in the prompt are ordinary text.
     *
     * @throws io.lethean.lem.ContextOverflowException if the prompt does not fit the context
     * @throws io.lethean.lem.GrammarException if the grammar or JSON Schema cannot be used
     * @throws IllegalStateException if the model is closed
     */
    public Generation generate(String prompt, GenerationOptions options) {
        return generate(prompt, options, text -> {}, new Cancellation());
    }

    /** The same, handing out the text as it grows. */
    public Generation generate(String prompt, GenerationOptions options, Consumer<String> listener) {
        return generate(prompt, options, listener, new Cancellation());
    }

    /**
     * The same, with a switch to end it early.
     *
     * @param listener given whole characters that are certain to belong to the text, on the model's thread; joined they
     *     are the text. What it throws ends the generation and is thrown from here
     */
    public Generation generate(
            String prompt, GenerationOptions options, Consumer<String> listener, Cancellation cancellation) {
        return run(() -> encoder.plain(prompt), options, listener, cancellation);
    }

    @Override
    public Generation chat(List<Message> messages, GenerationOptions options) {
        return chat(messages, options, text -> {}, new Cancellation());
    }

    /** The same, handing out the text as it grows. */
    public Generation chat(List<Message> messages, GenerationOptions options, Consumer<String> listener) {
        return chat(messages, options, listener, new Cancellation());
    }

    /**
     * The same, with a switch to end it early.
     *
     * @param listener see {@link #generate(String, GenerationOptions, Consumer, Cancellation)}
     */
    public Generation chat(
            List<Message> messages, GenerationOptions options, Consumer<String> listener, Cancellation cancellation) {
        return run(() -> conversations.get().tokens(messages), options, listener, cancellation);
    }

    /**
     * The text of a conversation as the model's chat template has it; without a template, the contents joined by a blank
     * line, with the end-of-sequence token's text behind each assistant turn.
     *
     * @param addGenerationPrompt whether to end with what comes before an answer
     * @throws io.lethean.lem.ChatTemplateException if the template refuses the conversation or exceeds a limit
     */
    public String render(List<Message> messages, boolean addGenerationPrompt) {
        return withMemory(() -> conversations.get().render(messages, addGenerationPrompt));
    }

    /**
     * How many tokens a conversation is as a prompt, the beginning of the answer's turn included.
     *
     * @throws io.lethean.lem.ChatTemplateException if the template refuses the conversation
     */
    public int promptTokens(List<Message> messages) {
        return withMemory(() -> conversations.get().tokens(messages).length);
    }

    private Conversations conversations() {
        if (chatTemplate().isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "The model " + file.path() + " brings no chat template; conversations are given to it as"
                            + " their contents joined by a blank line.");
        }
        return new Conversations(loaded.vocabulary(), chatTemplate());
    }

    private Generation run(
            Supplier<int[]> prompt, GenerationOptions options, Consumer<String> listener, Cancellation cancellation) {
        return cancellable(cancellation, flag -> generate(prompt.get(), options, listener, flag));
    }

    private <T> T cancellable(Cancellation cancellation, Function<CancelFlag, T> work) {
        CancelFlag flag = new CancelFlag();
        Runnable raise = flag::raise;
        cancellation.onCancel(raise);
        try {
            return onThread(flag, () -> work.apply(flag));
        } finally {
            cancellation.forget(raise);
        }
    }

    /** Runs work with the context on the model's thread; the flag ends it early, and so do an interrupt and a close. */
    private <T> T onThread(CancelFlag flag, Supplier<T> work) {
        requireOpen();
        if (thread.isCurrent()) {
            throw new IllegalStateException(
                    "A listener tried to use the model whose text it hears; do so after the call returned.");
        }
        requireUnchangedFile();
        return thread.call(
                () -> {
                    requireOpen();
                    running = flag;
                    if (closing.get()) {
                        flag.raise();
                    }
                    flag.watch(loaded.context().handle());
                    return work.get();
                },
                flag::raise);
    }

    private Generation generate(int[] prompt, GenerationOptions options, Consumer<String> listener, CancelFlag flag) {
        NativeContext context = loaded.context();
        context.requireFits(prompt);
        EncodedRequest request = new EncodedRequest(0, prompt, options);
        TokenSelector selector = TokenSelector.of(options, loaded.vocabulary());
        try (AnswerInProgress answer = request.begin(loaded.vocabulary(), context.capacity(), selector, listener)) {
            return new GenerationLoop(context, flag).run(prompt, answer);
        }
    }

    /**
     * Continues many texts, as many side by side as {@link ContextOptions#parallel()} says; a beginning that they share is
     * evaluated once.
     *
     * @return what became of each, in their order
     * @see #generateAll(List, GenerationListener, Cancellation)
     */
    public List<GenerationOutcome> generateAll(List<String> prompts, GenerationOptions options) {
        return outcomes(prompts.stream()
                .map(prompt -> new GenerationRequest.Text(prompt, options))
                .toList());
    }

    /**
     * Answers many conversations; otherwise as {@link #generateAll(List, GenerationOptions)}.
     *
     * @return what became of each, in their order
     */
    public List<GenerationOutcome> chatAll(List<List<Message>> conversations, GenerationOptions options) {
        return outcomes(conversations.stream()
                .map(each -> new GenerationRequest.Chat(each, options))
                .toList());
    }

    private List<GenerationOutcome> outcomes(List<? extends GenerationRequest> requests) {
        GenerationOutcome[] outcomes = new GenerationOutcome[requests.size()];
        generateAll(requests, (index, outcome) -> outcomes[index] = outcome, new Cancellation());
        return List.of(outcomes);
    }

    @Override
    public void chatAll(List<GenerationRequest.Chat> requests, GenerationListener listener) {
        generateAll(requests, listener, new Cancellation());
    }

    /**
     * Answers many prompts, as many side by side as {@link ContextOptions#parallel()} says, in any order.
     *
     * <p>A beginning that prompts share, such as a kernel, is evaluated once and copied. An answer depends on its own
     * prompt, options and {@code parallel} alone and not on the other prompts, their number or their order: on the
     * processor every bit of it is the same however the prompts are handed over. With {@code parallel} 1 the answers are
     * those of {@link #generate(String, GenerationOptions)}; with more, scores differ from those in their last digits, as
     * other kernels compute them.
     *
     * <p>A prompt that does not fit, or whose template or grammar cannot be used, is a {@link GenerationOutcome.Failed} and
     * the others are answered. After a cancellation, an interrupt or a close, every prompt that was not answered is {@link
     * FinishReason#CANCELLED}, with what there was.
     *
     * @param listener told of each answer as soon as it is there, on the model's thread
     * @param cancellation ends the call early
     * @throws io.lethean.lem.NativeCallException if evaluating fails, which ends them all
     * @throws IllegalStateException if the model is closed
     */
    public void generateAll(
            List<? extends GenerationRequest> requests, GenerationListener listener, Cancellation cancellation) {
        cancellable(cancellation, flag -> {
            new RequestQueue(loaded, encoder, conversations::get, flag).run(requests, listener);
            return true;
        });
    }

    /**
     * The scores (logits) of every token of the vocabulary as the one that follows these, which are evaluated afresh.
     *
     * @param tokens at least one
     * @throws io.lethean.lem.ContextOverflowException if they do not fit the context
     */
    public float[] logits(List<Integer> tokens) {
        int[] ids = ids(tokens);
        CancelFlag flag = new CancelFlag();
        return onThread(flag, () -> {
            loaded.vocabulary().requireTokens(ids);
            return new GenerationLoop(loaded.context(), flag).scores(ids);
        });
    }

    /**
     * The scores (logits) after each of these tokens, which are evaluated afresh.
     *
     * @param tokens at least one
     * @param rows given a row of the vocabulary's size for each token in turn, on the model's thread; what it throws ends
     *     the evaluation and is thrown from here
     * @throws io.lethean.lem.ContextOverflowException if they do not fit the context
     * @throws java.util.concurrent.CancellationException if the thread is interrupted or the model closed meanwhile
     */
    public void logitRows(List<Integer> tokens, Consumer<float[]> rows) {
        int[] ids = ids(tokens);
        CancelFlag flag = new CancelFlag();
        onThread(flag, () -> {
            loaded.vocabulary().requireTokens(ids);
            new TokenScores(loaded.context(), flag).rows(ids, rows);
            return ids;
        });
    }

    /**
     * How likely the model finds texts as continuations of a context, which is evaluated once for all of them.
     *
     * <p>What belongs to a continuation is as lm-evaluation-harness defines it (4e7e0d4): blanks at the end of the context
     * go to the continuation, both are tokenized together, and the continuation is what comes after as many tokens as the
     * context alone has. An empty context is the beginning-of-sequence token.
     *
     * @throws IllegalArgumentException if a continuation adds no token
     * @throws io.lethean.lem.ContextOverflowException if context and continuation do not fit
     * @throws java.util.concurrent.CancellationException if the thread is interrupted or the model closed meanwhile
     */
    public List<LogLikelihood> logLikelihood(String context, List<String> continuations) {
        ContinuationEncoder.Encoded encoded =
                withMemory(() -> new ContinuationEncoder(loaded.vocabulary()).encode(context, continuations));
        return logLikelihoodOf(encoded.context(), encoded.continuations());
    }

    /**
     * The same for tokens.
     *
     * @param context at least one token
     * @param continuations at least one token in each
     */
    public List<LogLikelihood> logLikelihood(List<Integer> context, List<List<Integer>> continuations) {
        if (continuations.stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException("A continuation has no token, so it has no likelihood.");
        }
        return logLikelihoodOf(
                ids(context), continuations.stream().map(LemModel::ids).toList());
    }

    private List<LogLikelihood> logLikelihoodOf(int[] context, List<int[]> continuations) {
        CancelFlag flag = new CancelFlag();
        return onThread(flag, () -> {
            loaded.vocabulary().requireTokens(context);
            continuations.forEach(loaded.vocabulary()::requireTokens);
            return new TokenScores(loaded.context(), flag).logLikelihoods(context, continuations);
        });
    }

    private static int[] ids(List<Integer> tokens) {
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Tokens of a text, without a beginning-of-sequence token, control tokens' texts taken as ordinary text. */
    public List<Integer> tokenize(String text) {
        return tokenize(text, false, false);
    }

    /**
     * Tokens of a text.
     *
     * @param addSpecial begin (and end) as the model says, such as with its beginning-of-sequence token
     * @param parseSpecial take the texts of control tokens, such as {@code <|im_end|>}, as those tokens
     */
    public List<Integer> tokenize(String text, boolean addSpecial, boolean parseSpecial) {
        return Arrays.stream(withMemory(() -> loaded.vocabulary().tokenize(text, addSpecial, parseSpecial)))
                .boxed()
                .toList();
    }

    /**
     * The bytes that a token stands for, which need not be whole characters; of a special token, its name such as {@code
     * <s>}.
     *
     * @throws IllegalArgumentException if it is outside the vocabulary
     */
    public byte[] tokenBytes(int token) {
        return withMemory(() -> {
            Piece piece = loaded.vocabulary().piece(token);
            String symbol = piece.special() ? loaded.vocabulary().symbol(token) : "";
            return piece.special()
                    ? symbol.getBytes(StandardCharsets.UTF_8)
                    : piece.bytes().clone();
        });
    }

    /**
     * The text of tokens; special tokens add nothing, and the blank that some tokenizers put before the first word of a
     * text is taken off.
     *
     * @throws IllegalArgumentException if one is outside the vocabulary
     */
    public String detokenize(List<Integer> tokens) {
        int[] ids = ids(tokens);
        return withMemory(() -> loaded.vocabulary().detokenize(ids));
    }

    /** The file's metadata that are no arrays, as text. */
    public Map<String, String> metadata() {
        return loaded.metadata();
    }

    /** What the model is and what was decided when it was loaded. */
    public ModelInfo info() {
        return loaded.info();
    }

    /** The source of the chat template that the file brings. */
    public Optional<String> chatTemplate() {
        return file.metadata().text("tokenizer.chat_template");
    }

    /** Whether {@link #close()} was called. */
    public boolean isClosed() {
        return closing.get();
    }

    @Override
    public void close() {
        closing.set(true);
        CancelFlag current = running;
        if (current != null) {
            current.raise();
        }
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
            freed = thread.submit(this::free);
            thread.finish();
        }
        return freed;
    }

    private boolean free() {
        memory.writeLock().lock();
        try {
            applied.close();
            loaded.close();
        } finally {
            memory.writeLock().unlock();
        }
        return true;
    }

    private <T> T withMemory(Supplier<T> call) {
        memory.readLock().lock();
        try {
            requireOpen();
            return call.get();
        } finally {
            memory.readLock().unlock();
        }
    }

    private void requireOpen() {
        if (closing.get()) {
            throw new IllegalStateException("The model " + file.path() + " is closed.");
        }
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
                throw new IllegalStateException(
                        ("The mapped file %s has shrunk from %d to %d bytes since it was loaded. Restore it and load it"
                                        + " again; with mmap off a model does not depend on its file.")
                                .formatted(file.path(), file.fileSize(), size));
            }
        } catch (IOException gone) {
            // A deleted file stays mapped and whole.
        }
    }
}
