package io.lethean.lem.model;

import io.lethean.lem.Message;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.hub.Hub;
import io.lethean.lem.internal.llama.NativeBuild;
import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
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
 * <p><b>Threads.</b> Safe for use by any number of threads, virtual ones included. A model generates as many answers at a
 * time as {@link ContextOptions#parallel()} says, whichever threads ask for them; others wait for their turn. A prompt that
 * begins as one before continues from there ({@link Generation#reusedTokens()}). All native work happens on a thread of the
 * model's own, and so do calls of listeners, which therefore must not generate with the same model. Interrupting a waiting
 * caller cancels its generation; the call returns what there is, and the thread stays interrupted. More callers than {@link
 * ModelOptions#maxCalls()} are refused with a {@link io.lethean.lem.ModelBusyException}.
 *
 * <p><b>Lifetime.</b> {@link #close()} frees the native memory. It may be called at any time, from any thread, and more
 * than once: a generation that is running ends and returns with {@link FinishReason#CANCELLED}; every later call,
 * waiting ones included, is an {@link IllegalStateException}.
 */
public final class LemModel implements TextGenerator, AutoCloseable {

    private final LoadedModel loaded;
    private final SavedConversations saved;
    private volatile List<AdapterUse> adapters = List.of();

    private LemModel(LoadedModel loaded) {
        this.loaded = loaded;
        this.saved = new SavedConversations(loaded);
    }

    /**
     * Loads a model with default options from a path, or from the hub by a name such as {@code hf:org/name:Q4_K_M}; see
     * {@link #load(String, ModelOptions)}.
     *
     * @param pathOrName a path of a GGUF file, or a name such as {@code hf:org/name:Q4_K_M}
     * @return the model, which the caller closes
     * @throws IOException if the file cannot be read, or the cache cannot be written
     */
    public static LemModel load(String pathOrName) throws IOException {
        return load(pathOrName, ModelOptions.defaults());
    }

    /**
     * Loads a model that is named by its path, or by its name on the hub. A name begins with {@code hf:}, and its file
     * is downloaded unless the cache has it; see {@link Hub}. A path never uses the network.
     *
     * @param pathOrName a path of a GGUF file, or a name such as {@code hf:org/name:Q4_K_M}
     * @param options device, context, memory and threads
     * @return the model, which the caller closes
     * @throws io.lethean.lem.HubException if the hub does not have the model or cannot be reached
     * @throws IOException as {@link #load(Path, ModelOptions)}, and if the cache cannot be written
     */
    public static LemModel load(String pathOrName, ModelOptions options) throws IOException {
        return load(Hub.locateModel(pathOrName), options);
    }

    /**
     * Loads a model with default options; see {@link #load(Path, ModelOptions)}.
     *
     * @param path a GGUF file; of a split model, its first part
     * @return the model, which the caller closes
     * @throws IOException if the file cannot be read, or the cache cannot be written
     */
    public static LemModel load(Path path) throws IOException {
        return load(path, ModelOptions.defaults());
    }

    /**
     * Loads a model and creates its context.
     *
     * @param path a GGUF file; of a split model, its first part
     * @param options device, context, memory and threads
     * @return the model, which the caller closes
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws IOException if it cannot be read
     * @throws io.lethean.lem.InvalidModelException if the file breaks a rule or llama.cpp refuses it
     * @throws io.lethean.lem.InsufficientMemoryException if weights, cache and buffers would not fit
     * @throws io.lethean.lem.DeviceUnavailableException if the device asked for is absent
     * @throws io.lethean.lem.NativeLibraryException if the native libraries cannot be loaded
     * @throws java.util.concurrent.CancellationException if the progress listener ends the load
     */
    public static LemModel load(Path path, ModelOptions options) throws IOException {
        return new LemModel(LoadedModel.load(path, options));
    }

    /** {@return the release of llama.cpp that the native libraries are built from, such as {@code v0.5.0}} */
    public static String llamaCppVersion() {
        NativeLibraries.load();
        return NativeBuild.llamaCppVersion();
    }

    /**
     * Replaces the active LoRA adapters; an empty list removes them all.
     *
     * <p>The weights are not changed and not loaded again. The adapters apply from the next generation on; one that is
     * running ends with those it began with. Several add up, in an order that llama.cpp chooses, so their sum may
     * differ in the last bit from one call to the next.
     *
     * @param adapters the adapters, each with its weight
     * @throws io.lethean.lem.InvalidModelException if one is malformed, cannot be expressed in GGUF (DoRA, biases), or
     *     was made for another model; the active ones stay
     * @throws io.lethean.lem.InsufficientMemoryException if they would not fit
     * @throws IOException if one cannot be read
     * @throws IllegalStateException if the model is closed
     */
    public void setAdapters(List<AdapterUse> adapters) throws IOException {
        List<AdapterUse> wanted = List.copyOf(adapters);
        loaded.replaceAdapters(wanted, () -> this.adapters = wanted);
    }

    /** {@return the active adapters} */
    public List<AdapterUse> adapters() {
        return adapters;
    }

    /**
     * Continues a text; see {@link #generate(String, GenerationOptions, Consumer, Cancellation)}.
     *
     * @param prompt the text to continue
     * @param options how the text is generated
     * @return what was generated, and why it ended
     */
    public Generation generate(String prompt, GenerationOptions options) {
        return generate(prompt, options, text -> {}, new Cancellation());
    }

    /**
     * Continues a text and hands it out as it grows; see the method with a {@link Cancellation}.
     *
     * @param prompt the text to continue
     * @param options how the text is generated
     * @param listener given the text as it grows, on the model's thread
     * @return what was generated, and why it ended
     */
    public Generation generate(String prompt, GenerationOptions options, Consumer<String> listener) {
        return generate(prompt, options, listener, new Cancellation());
    }

    /**
     * Continues a text: no template, a beginning-of-sequence token where the model adds one, and the texts of control
     * tokens in the prompt are ordinary text.
     *
     * @param prompt the text to continue
     * @param options how the text is generated
     * @param listener given whole characters that are certain to belong to the text, on the model's thread; joined they
     *     are the text. What it throws ends the generation and is thrown from here
     * @param cancellation ends the generation early
     * @return what was generated, and why it ended
     * @throws io.lethean.lem.ContextOverflowException if the prompt does not fit the context
     * @throws io.lethean.lem.GrammarException if the grammar or JSON Schema cannot be used
     * @throws IllegalStateException if the model is closed
     */
    public Generation generate(
            String prompt, GenerationOptions options, Consumer<String> listener, Cancellation cancellation) {
        return generate(new GenerationRequest.Text(prompt, options), listener, cancellation);
    }

    @Override
    public Generation chat(List<Message> messages, GenerationOptions options) {
        return chat(messages, options, text -> {}, new Cancellation());
    }

    /**
     * Answers a conversation and hands out the text as it grows; see the method with a {@link Cancellation}.
     *
     * @param messages the turns so far
     * @param options how the answer is generated
     * @param listener given the text as it grows, on the model's thread
     * @return what was generated, and why it ended
     */
    public Generation chat(List<Message> messages, GenerationOptions options, Consumer<String> listener) {
        return chat(messages, options, listener, new Cancellation());
    }

    /**
     * Answers the last turn of a conversation, rendered by the model's chat template.
     *
     * @param messages the turns so far
     * @param options how the answer is generated
     * @param listener as for {@link #generate(String, GenerationOptions, Consumer, Cancellation)}
     * @param cancellation ends the generation early
     * @return what was generated, and why it ended
     * @throws io.lethean.lem.ContextOverflowException if the rendered conversation does not fit the context
     * @throws io.lethean.lem.ChatTemplateException if the model's template refuses the conversation
     * @throws io.lethean.lem.GrammarException if the grammar or JSON Schema cannot be used
     * @throws IllegalStateException if the model is closed
     */
    public Generation chat(
            List<Message> messages, GenerationOptions options, Consumer<String> listener, Cancellation cancellation) {
        return generate(new GenerationRequest.Chat(messages, options), listener, cancellation);
    }

    /**
     * As the method with a {@link Cancellation}, without a listener.
     *
     * @param messages the turns so far
     * @param chatOptions tools, documents and variables of the chat template
     * @param options how the answer is generated
     * @return the answer, told apart into words, thoughts and calls
     */
    public ChatAnswer chat(List<Message> messages, ChatOptions chatOptions, GenerationOptions options) {
        return chat(new GenerationRequest.Chat(messages, chatOptions, options), text -> {}, new Cancellation());
    }

    /**
     * Answers a conversation with tools, documents and variables of the chat template, and tells words, thoughts and calls
     * apart.
     *
     * @param request the conversation and its options
     * @param listener given the text as it grows, with the markers of thoughts and calls; {@link
     *     AnswerParser#parseSoFar} reads it
     * @param cancellation ends the generation early
     * @return the answer, told apart into words, thoughts and calls
     * @throws io.lethean.lem.ContextOverflowException if the rendered conversation does not fit the context
     * @throws io.lethean.lem.ChatTemplateException if the model's template refuses the conversation, leaves out a turn, a
     *     tool or a document, or teaches a form of calls that is not known
     * @throws io.lethean.lem.GrammarException if a call is demanded that cannot be held to its schema
     * @throws IllegalStateException if the model is closed
     */
    public ChatAnswer chat(GenerationRequest.Chat request, Consumer<String> listener, Cancellation cancellation) {
        RenderedChat rendered = render(request);
        return rendered.answerParser().parse(generate(rendered, listener, cancellation));
    }

    /**
     * {@return the prompt of a conversation, to be answered by {@link #generate(GenerationRequest, Consumer,
     * Cancellation)} or {@link #generateAll}, and what reads the answers} Rendered and tokenized once, on the caller's
     * thread.
     *
     * @param request the conversation and its options
     * @throws io.lethean.lem.ChatTemplateException as {@link #chat(GenerationRequest.Chat, Consumer, Cancellation)}
     * @throws io.lethean.lem.GrammarException if a call is demanded that cannot be held to its schema
     * @throws IllegalStateException if the model is closed
     */
    public RenderedChat render(GenerationRequest.Chat request) {
        return tokenizer().render(request);
    }

    /**
     * {@return what reads the answers to a request, such as those of {@link #generateAll}; see {@link #render}}
     *
     * @param request the conversation and its options
     */
    public AnswerParser answerParser(GenerationRequest.Chat request) {
        return render(request).answerParser();
    }

    /**
     * Continues a prompt of any form and hands out the text as it grows.
     *
     * @param request the prompt and its options
     * @param listener as for {@link #generate(String, GenerationOptions, Consumer, Cancellation)}, which says what is
     *     thrown, too
     * @param cancellation ends the generation early
     * @return what was generated, and why it ended
     */
    public Generation generate(GenerationRequest request, Consumer<String> listener, Cancellation cancellation) {
        return answer(request, listener, cancellation, null);
    }

    /** {@return a conversation without a system turn; the context being full is refused} */
    public Conversation conversation() {
        return conversation(List.of(), WhenFull.REFUSE);
    }

    /**
     * {@return a conversation that a system turn begins; the context being full is refused}
     *
     * @param system the text of the system turn
     */
    public Conversation conversation(String system) {
        return conversation(List.of(Message.system(system)), WhenFull.REFUSE);
    }

    /**
     * {@return a conversation}
     *
     * @param beginning messages that are never dropped, such as a system turn; may be empty
     * @param whenFull what to do when it no longer fits the context
     */
    public Conversation conversation(List<Message> beginning, WhenFull whenFull) {
        return conversation(beginning, whenFull, Optional.empty());
    }

    /**
     * {@return a conversation with tools that a system turn begins; the context being full is refused}
     *
     * @param system the text of the system turn
     * @param chatOptions tools, documents and variables of the chat template
     */
    public Conversation conversation(String system, ChatOptions chatOptions) {
        return conversation(List.of(Message.system(system)), chatOptions, WhenFull.REFUSE);
    }

    /**
     * {@return a conversation with tools, documents or variables of the chat template, in which words, thoughts and
     * calls are told apart}
     *
     * @param beginning messages that are never dropped, such as a system turn; may be empty
     * @param chatOptions for every turn. A call that they demand is demanded of the answers to questions; the answer to
     *     results of tools is free
     * @param whenFull what to do when it no longer fits the context
     */
    public Conversation conversation(List<Message> beginning, ChatOptions chatOptions, WhenFull whenFull) {
        return conversation(beginning, whenFull, Optional.of(chatOptions));
    }

    private Conversation conversation(List<Message> beginning, WhenFull whenFull, Optional<ChatOptions> chatOptions) {
        loaded.embedder().facts().requireGenerator();
        return new Conversation(this, new Turns(beginning.size(), beginning), whenFull, chatOptions);
    }

    /**
     * Continues a conversation that {@link Conversation#save} saved, at once and with the answers that it would have
     * had.
     *
     * @param file what {@link Conversation#save} wrote
     * @return the conversation
     * @throws io.lethean.lem.MalformedDataException if it is another kind of file, cut or changed
     * @throws io.lethean.lem.InvalidConversationException if it was saved by another version of the library or with another
     *     model, other adapters or other settings, which the message names
     * @throws IOException if it cannot be read
     * @throws IllegalStateException if the model is closed
     */
    public Conversation loadConversation(Path file) throws IOException {
        loaded.embedder().facts().requireGenerator();
        return saved.load(this, adapters, file);
    }

    void save(Conversation conversation, @Nullable Preparation preparation, Path file) throws IOException {
        if (preparation != null) {
            loaded.awaitEnd(preparation.call());
        }
        List<Integer> next = next(conversation.messages(), conversation.chatOptions());
        saved.save(conversation, next, adapters, file);
    }

    /** What the next prompt begins with; empty if the template refuses it, of which the sender of the next turn is told. */
    private List<Integer> next(List<Message> messages, Optional<ChatOptions> chatOptions) {
        try {
            return tokenizer().encodeNext(messages, chatOptions.orElse(ChatOptions.defaults()));
        } catch (RuntimeException refused) {
            return List.of();
        }
    }

    Generation answer(
            GenerationRequest request,
            Consumer<String> listener,
            Cancellation cancellation,
            @Nullable Preparation before) {
        AtomicReference<Generation> answer = new AtomicReference<>();
        GenerationListener one = (index, outcome) -> answer.set(outcome.orThrow());
        GenerationCall first = before == null ? null : before.call();
        loaded.answer(new GenerationCall(List.of(request), one, listener, first), cancellation);
        return answer.get();
    }

    /**
     * Evaluates a conversation while nobody needs the model, so that a prompt that begins with it can continue from there.
     *
     * @param before the prompt before, which the model holds, and the options of its answer; the next one probably has the
     *     same adapters
     * @return null if there is nothing to evaluate
     */
    @Nullable
    Preparation prepare(List<Message> messages, RenderedChat before) {
        NativeContext context = loaded.context();
        if (!context.isBatchInvariant()) {
            return null;
        }
        List<Integer> prompt = next(messages, before.request().chatOptions());
        if (context.usableAgain(prompt.size()) <= context.usableAgain(before.commonTokens(prompt))) {
            return null;
        }
        Preparation preparation = new Preparation(prompt, before.options());
        loaded.prepare(preparation.call());
        return preparation;
    }

    @Override
    public void chatAll(List<GenerationRequest.Chat> requests, GenerationListener listener) {
        generateAll(requests, listener, new Cancellation());
    }

    /**
     * Continues many texts; the outcomes are in the order of the prompts.
     *
     * @param prompts the texts to continue
     * @param options how the answers are generated
     * @return an outcome for each text, in the order of the texts
     */
    public List<GenerationOutcome> generateAll(List<String> prompts, GenerationOptions options) {
        return outcomes(prompts.stream()
                .map(prompt -> new GenerationRequest.Text(prompt, options))
                .toList());
    }

    /**
     * Answers many conversations; the outcomes are in the order of the conversations.
     *
     * @param conversations the conversations, each with its turns
     * @param options how the answers are generated
     * @return an outcome for each conversation, in the order of the conversations
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

    /**
     * Answers many prompts, as many in parallel as {@link ContextOptions#parallel()} says, in any order.
     *
     * <p>A beginning that prompts share, such as a kernel, is evaluated once and copied. An answer depends only on its
     * prompt, its options and {@code parallel}, not on the other prompts, their number or their order: on the processor
     * every bit of it is the same however the prompts are handed over. With {@code parallel} 1 the answers are those of
     * {@link #generate(String, GenerationOptions)}; with more, logits differ from those in their last digits.
     *
     * <p>A prompt that does not fit, or has a template or grammar that cannot be used, is a {@link
     * GenerationOutcome.Failed}, and the others are answered. After a cancellation, an interrupt or a close, every
     * prompt that was not answered is {@link FinishReason#CANCELLED}.
     *
     * @param requests the prompts, each with its options
     * @param listener receives each answer when it is complete, on the model's thread
     * @param cancellation ends the call early
     * @throws io.lethean.lem.NativeCallException if evaluating fails, which ends them all
     * @throws IllegalStateException if the model is closed
     */
    public void generateAll(
            List<? extends GenerationRequest> requests, GenerationListener listener, Cancellation cancellation) {
        loaded.answer(new GenerationCall(requests, listener, text -> {}), cancellation);
    }

    /**
     * {@return the logits of every token of the vocabulary as the one that follows these, which are evaluated from the
     * start}
     *
     * @param tokens at least one
     * @throws io.lethean.lem.ContextOverflowException if they do not fit the context
     */
    public float[] logits(List<Integer> tokens) {
        int[] ids = Tokenizer.ids(tokens);
        return scored(scores -> scores.last(ids));
    }

    /**
     * The logits after each of these tokens, which are evaluated from the start.
     *
     * @param tokens at least one
     * @param rows given a row of the vocabulary's size for each token in turn, on the model's thread; what it throws ends
     *     the evaluation and is thrown from here
     * @throws io.lethean.lem.ContextOverflowException if they do not fit the context
     * @throws java.util.concurrent.CancellationException if the thread is interrupted or the model closed meanwhile
     */
    public void logitRows(List<Integer> tokens, Consumer<float[]> rows) {
        int[] ids = Tokenizer.ids(tokens);
        scored(scores -> {
            scores.rows(ids, rows);
            return true;
        });
    }

    /**
     * How likely the model finds texts as continuations of a context, which is evaluated once for all of them.
     *
     * <p>The continuations are evaluated together, and what a context has in common with the one before is not
     * evaluated again. On the processor with flash attention, a likelihood depends on its context and continuation
     * alone, to the last bit. Without flash attention, others in the call change sums by less than 1e-4 where weights
     * are 32-bit floats; where they are quantized, llama.cpp rounds activations, and sums of ten tokens change by up to
     * 1.
     *
     * <p>The first call makes a second context, with a KV cache as large as the question needs, at least 1024 tokens,
     * which lives until adapters are replaced or the model is closed. If memory for it is short, or the model has a
     * recurrent state, continuations are evaluated one after the other.
     *
     * <p>What belongs to a continuation is as lm-evaluation-harness defines it (4e7e0d4): whitespace at the end of the
     * context goes to the continuation, both are tokenized together, and the continuation is what comes after as many
     * tokens as the context alone has. An empty context is the beginning-of-sequence token.
     *
     * @param context what is given
     * @param continuations what may follow the context; each adds at least one token
     * @return natural-log likelihoods, one per continuation
     * @throws IllegalArgumentException if a continuation adds no token
     * @throws io.lethean.lem.ContextOverflowException if context and continuation do not fit
     * @throws java.util.concurrent.CancellationException if the thread is interrupted or the model closed meanwhile
     */
    public List<LogLikelihood> logLikelihood(String context, List<String> continuations) {
        ContinuationEncoder.Encoded encoded = loaded.tokenizer().encodeContinuations(context, continuations);
        return loaded.logLikelihoods(encoded.context(), encoded.continuations());
    }

    /**
     * As {@link #logLikelihood(String, List)}, of tokens: at least one in the context and in each continuation.
     *
     * @param context what is given
     * @param continuations what may follow the context; each adds at least one token
     * @return natural-log likelihoods, one per continuation
     */
    public List<LogLikelihood> logLikelihood(List<Integer> context, List<List<Integer>> continuations) {
        if (continuations.stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException("A continuation has no token, so it has no likelihood.");
        }
        int[] ids = Tokenizer.ids(context);
        List<int[]> rest = continuations.stream().map(Tokenizer::ids).toList();
        return loaded.logLikelihoods(ids, rest);
    }

    /**
     * How likely the model finds each token of a text after those before it.
     *
     * <p>The sum over the last tokens is that of {@link #logLikelihood(List, List)} with these tokens as the continuation:
     * to the bit on x86 processors with AVX2, and on others with flash attention if no multiple of 64 lies between the places of
     * the last token of the context and of the last token but one of the text. Else it differs by up to about 1e-3 for each
     * token with a KV cache of 16-bit floats, as whole blocks of a context are evaluated by other operations than a continuation.
     *
     * @param tokens at least one, evaluated from the start
     * @param top how many of the most likely tokens are named for each place, 0 to 20
     * @return one for each token from the second on
     * @throws io.lethean.lem.ContextOverflowException if they do not fit the context
     * @throws java.util.concurrent.CancellationException if the thread is interrupted or the model closed meanwhile
     */
    public List<TokenLogprobs> logprobs(List<Integer> tokens, int top) {
        OptionRange.require("top", top, 0, GenerationOptions.MAX_LOGPROBS);
        if (tokens.isEmpty()) {
            throw new IllegalArgumentException("The text has no token, so there is nothing to score.");
        }
        return loaded.logprobs(Tokenizer.ids(tokens), top);
    }

    /**
     * {@return the embeddings of texts with default options; see {@link #embed(List, EmbeddingOptions)}}
     *
     * @param texts the texts, each with at least one token
     */
    public List<float[]> embed(List<String> texts) {
        return embed(texts, EmbeddingOptions.defaults());
    }

    /**
     * The embeddings of texts, in the order of the texts.
     *
     * <p>A text gets the tokens that the model puts around every text, and the texts of control tokens in it are
     * ordinary text. Each text is evaluated by itself: its embedding does not depend on the others, to the bit. A model
     * that generates text embeds as well, with a pooling that the caller names; that uses a context of its own and
     * leaves conversations alone.
     *
     * @param texts the texts, each with at least one token
     * @param options pooling and length
     * @return as many values for each text as {@link #info()} gives as the hidden size, in most models
     * @throws io.lethean.lem.ContextOverflowException if a text does not fit, before any text is evaluated
     * @throws IllegalArgumentException if a text has no token
     * @throws io.lethean.lem.InvalidModelException if the pooling is left to the file, which does not name one
     * @throws java.util.concurrent.CancellationException if the thread is interrupted or the model closed meanwhile
     */
    public List<float[]> embed(List<String> texts, EmbeddingOptions options) {
        List<String> all = List.copyOf(texts);
        Embedder embedder = loaded.embedder();
        Pooling pooling = embedder.facts().pooling(options.pooling());
        List<int[]> tokens = loaded.tokenizer().use(() -> embedder.tokens(all));
        return loaded.embedding(flag -> embedder.embed(tokens, pooling, options.normalized(), flag));
    }

    /**
     * {@return how well documents answer a query, in the order of the documents; for models with a classification head,
     * which are called cross-encoders or rerankers}
     *
     * <p>Query and document are one text for the model, as its template says or as transformers joins two texts, with
     * token types where the model has them. Each pair is evaluated by itself. An adapter's update of token embeddings
     * is not applied where token types are.
     *
     * @param query what is asked
     * @param documents what may answer it
     * @throws io.lethean.lem.InvalidModelException if the model is not a reranker
     * @throws io.lethean.lem.ContextOverflowException if query and document do not fit, before any is evaluated
     * @throws java.util.concurrent.CancellationException if the thread is interrupted or the model closed meanwhile
     */
    public List<Relevance> rerank(String query, List<String> documents) {
        List<String> all = List.copyOf(documents);
        Embedder embedder = loaded.embedder();
        List<PairEncoder.Pair> pairs = loaded.tokenizer().use(() -> embedder.pairs(query, all));
        return loaded.embedding(flag -> embedder.rank(pairs, flag));
    }

    /** {@return whether the model can continue a text; an encoder can only embed or rerank} */
    public boolean generatesText() {
        return !loaded.embedder().facts().encoder();
    }

    /** Runs work on the scores of given tokens, which uses the model's first context for itself. */
    <T> T scored(Function<TokenScores, T> work) {
        return loaded.run(flag ->
                work.apply(new TokenScores(loaded.context(), loaded.tokenizer().vocabulary(), flag)));
    }

    /** {@return the tokenizer of this model; it lives as long as the model} */
    public Tokenizer tokenizer() {
        return loaded.tokenizer();
    }

    /**
     * {@return tokens of a text as {@link Tokenizer#encode(String)} gives them}
     *
     * @param text any text
     */
    public List<Integer> tokenize(String text) {
        return tokenizer().encode(text);
    }

    /**
     * {@return tokens of a text as {@link Tokenizer#encode(String, boolean, boolean)} gives them}
     *
     * @param text any text
     * @param addSpecial begin (and end) as the model says
     * @param parseSpecial read the texts of control tokens as those tokens
     */
    public List<Integer> tokenize(String text, boolean addSpecial, boolean parseSpecial) {
        return tokenizer().encode(text, addSpecial, parseSpecial);
    }

    /**
     * {@return the text of tokens as {@link Tokenizer#decode(List)} gives it}
     *
     * @param tokens ids of the vocabulary
     */
    public String detokenize(List<Integer> tokens) {
        return tokenizer().decode(tokens);
    }

    /** {@return the file's scalar metadata, as text} */
    public Map<String, String> metadata() {
        return loaded.parts().metadata();
    }

    /** {@return what the model is and what was decided when it was loaded} */
    public ModelInfo info() {
        return loaded.parts().info();
    }

    /** {@return how many answers are generated in parallel; others wait} */
    public int parallel() {
        return loaded.context().parallel();
    }

    /** {@return whether {@link #close()} was called} */
    public boolean isClosed() {
        return loaded.isClosed();
    }

    /**
     * Says whether the model can answer: for checks of health. It asks for the state only and does not wait for the model.
     *
     * @throws IllegalStateException if the model is closed, or its mapped file was shortened
     * @throws io.lethean.lem.NativeCallException if a failed assertion of ggml has taken the model
     */
    public void requireUsable() {
        loaded.requireAlive();
    }

    @Override
    public void close() {
        loaded.close();
    }
}
