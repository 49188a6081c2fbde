package io.lethean.lem.model;

import io.lethean.lem.Message;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.llama.ModelParameters;
import io.lethean.lem.internal.llama.NativeModel;
import io.lethean.lem.internal.llama.Piece;
import io.lethean.lem.internal.llama.Vocabulary;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Text to tokens and back, and conversations to text, as a model file defines it.
 *
 * <pre>{@code
 * try (Tokenizer tokenizer = Tokenizer.load(Path.of("model.gguf"))) {
 *     List<Integer> tokens = tokenizer.encode("Once upon a time");
 *     System.out.println(tokens.size() + " tokens: " + tokenizer.decode(tokens));
 * }
 * }</pre>
 *
 * <p>{@link #load} reads the vocabulary and no weights: it takes the time and memory of the vocabulary alone. {@link
 * LemModel#tokenizer()} is the tokenizer of a model that is loaded already.
 *
 * <p><b>Threads.</b> Safe for use by any number of threads, virtual ones included; calls run on the caller's thread.
 *
 * <p><b>Lifetime.</b> {@link #close()} may be called at any time, from any thread, and more than once. It waits for the
 * calls that have begun; every later call is an {@link IllegalStateException}. A model's tokenizer lives as long as the
 * model, and closing it does nothing.
 */
public final class Tokenizer implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(LemModel.class.getName());

    private final GgufFile file;
    private final Vocabulary vocabulary;
    private final PromptEncoder encoder;
    private final MemoryGuard memory;

    /** The native vocabulary, where it belongs to this object and not to a model. */
    private final @Nullable NativeModel owned;

    private final AtomicBoolean freed = new AtomicBoolean();

    /** Made at first use: a model with a broken template can still encode text. */
    private final Lazy<Conversations> conversations = new Lazy<>(this::makeConversations);

    private Tokenizer(GgufFile file, Vocabulary vocabulary, MemoryGuard memory, @Nullable NativeModel owned) {
        this.file = file;
        this.vocabulary = vocabulary;
        this.encoder = new PromptEncoder(vocabulary);
        this.memory = memory;
        this.owned = owned;
    }

    /** The tokenizer of a loaded model, which frees the vocabulary. */
    static Tokenizer of(GgufFile file, Vocabulary vocabulary, MemoryGuard memory) {
        return new Tokenizer(file, vocabulary, memory, null);
    }

    /**
     * Loads the vocabulary of a GGUF model, or of a GGUF file that has only a vocabulary.
     *
     * @param path a GGUF file
     * @return the tokenizer, which the caller closes
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws IOException if it cannot be read
     * @throws io.lethean.lem.InvalidModelException if the file breaks a rule or llama.cpp refuses it
     * @throws io.lethean.lem.NativeLibraryException if the native libraries cannot be loaded
     */
    public static Tokenizer load(Path path) throws IOException {
        GgufFile file = ModelLoader.readVocabulary(path);
        NativeLibraries.load();
        // A thread of its own: llama.cpp's parsers need a deep stack, and a failed assertion must not end the process.
        ModelThread thread = ModelThread.start("lem-vocabulary-" + path.getFileName());
        try {
            NativeModel model =
                    thread.call(() -> NativeModel.load(ModelParameters.vocabularyOf(path), fraction -> true), () -> {});
            Vocabulary vocabulary = model.vocabulary(ModelLoader.guard(file));
            return new Tokenizer(file, vocabulary, new MemoryGuard("The tokenizer of " + path), model);
        } finally {
            thread.finish();
        }
    }

    /**
     * {@return the tokens of a text: no token is added, and the texts of control tokens are ordinary text}
     *
     * @param text any text
     */
    public List<Integer> encode(String text) {
        return encode(text, false, false);
    }

    /**
     * {@return the tokens of a text}
     *
     * @param text any text
     * @param addSpecial begin (and end) as the model says, for example with its beginning-of-sequence token
     * @param parseSpecial read the texts of control tokens, such as {@code <|im_end|>}, as those tokens
     * @throws io.lethean.lem.InvalidModelException if the vocabulary cannot tokenize the text without harm
     * @throws io.lethean.lem.NativeCallException if it has no tokens that spell the text
     */
    public List<Integer> encode(String text, boolean addSpecial, boolean parseSpecial) {
        return list(memory.use(() -> vocabulary.tokenize(text, addSpecial, parseSpecial)));
    }

    /**
     * {@return the tokens of a text that a chat template rendered: control tokens are read as tokens, and the text
     * begins with the beginning-of-sequence token once, whether the template or the tokenizer brings it}
     *
     * @param text what the template rendered
     */
    public List<Integer> encodeRendered(String text) {
        return list(memory.use(() -> encoder.whole(text)));
    }

    /**
     * {@return the prompt that asks for the next turn of a conversation} A control token that a message spells is
     * ordinary text.
     *
     * @param messages the turns of the conversation
     * @throws io.lethean.lem.ChatTemplateException if the template refuses the conversation or loses one of its turns
     */
    public List<Integer> encodeChat(List<Message> messages) {
        return encodeChat(messages, ChatOptions.defaults());
    }

    /**
     * As {@link #encodeChat(List)}, with tools, documents and variables, which can spell no control token either.
     *
     * @param messages the turns of the conversation
     * @param options tools, documents and variables
     * @return the ids of the tokens
     */
    public List<Integer> encodeChat(List<Message> messages, ChatOptions options) {
        return list(memory.use(() -> conversations().tokens(messages, options.templateVariables(), true)));
    }

    /** The tokens with which the prompt of the next turn begins, whatever that turn says. */
    List<Integer> encodeNext(List<Message> messages, ChatOptions options) {
        return list(memory.use(() -> conversations().nextBeginning(messages, options.templateVariables())));
    }

    /**
     * {@return the text of tokens} Special tokens add nothing, the space that some tokenizers put before the first word
     * is removed, and bytes that are not UTF-8 become U+FFFD.
     *
     * @param tokens ids of the vocabulary
     * @throws IllegalArgumentException if a token is outside the vocabulary
     */
    public String decode(List<Integer> tokens) {
        int[] ids = ids(tokens);
        return memory.use(() -> vocabulary.detokenize(ids));
    }

    /**
     * {@return the bytes that a token stands for, which need not be whole characters; of a special token, its name such
     * as {@code <s>}}
     *
     * @param token an id of the vocabulary
     * @throws IllegalArgumentException if it is outside the vocabulary
     */
    public byte[] tokenBytes(int token) {
        return memory.use(() -> {
            Piece piece = vocabulary.piece(token);
            return piece.special()
                    ? vocabulary.symbol(token).getBytes(StandardCharsets.UTF_8)
                    : piece.bytes().clone();
        });
    }

    /**
     * {@return the text of a conversation by the model's chat template} Without a template, the contents are joined by
     * an empty line, with the end-of-sequence token's text after each assistant turn.
     *
     * <p>Every turn that is not blank is in the text. If the template does not show a turn, it gets contents as lists
     * of text parts, or system turns as parts of user turns. A template may leave out the reasoning of assistant turns.
     *
     * @param messages the turns of the conversation
     * @param addGenerationPrompt whether to end with what comes before an answer
     * @throws io.lethean.lem.ChatTemplateException if the template refuses the conversation, loses one of its turns, or
     *     exceeds a limit
     */
    public String applyTemplate(List<Message> messages, boolean addGenerationPrompt) {
        return applyTemplate(messages, ChatOptions.defaults(), addGenerationPrompt);
    }

    /**
     * As {@link #applyTemplate(List, boolean)}, with tools, documents and variables. Each tool and each document is in
     * the text; a template that does not know tools gets them in words.
     *
     * @param messages the turns of the conversation
     * @param options tools, documents and variables
     * @param addGenerationPrompt whether to end with what comes before an answer
     * @return the text
     * @throws IllegalArgumentException if the parameters of a tool are not a JSON object
     */
    public String applyTemplate(List<Message> messages, ChatOptions options, boolean addGenerationPrompt) {
        return memory.use(() -> conversations().render(messages, options.templateVariables(), addGenerationPrompt));
    }

    /** {@return the source of the chat template in the file} */
    public Optional<String> chatTemplate() {
        return file.metadata().text("tokenizer.chat_template");
    }

    /** {@return number of tokens; ids are 0 to one less} */
    public int vocabularySize() {
        return vocabulary.size();
    }

    /** {@return the beginning-of-sequence token} */
    public OptionalInt bos() {
        return special(memory.use(vocabulary::bos));
    }

    /** {@return the end-of-sequence token} */
    public OptionalInt eos() {
        return special(memory.use(vocabulary::eos));
    }

    /** {@return the token that ends a turn, where it is not the end-of-sequence token} */
    public OptionalInt eot() {
        return special(memory.use(vocabulary::eot));
    }

    @Override
    public void close() {
        if (owned != null && freed.compareAndSet(false, true)) {
            memory.close();
            memory.free(owned::close);
        }
    }

    private static OptionalInt special(int token) {
        return token < 0 ? OptionalInt.empty() : OptionalInt.of(token);
    }

    static int[] ids(List<Integer> tokens) {
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    private static List<Integer> list(int[] tokens) {
        return Arrays.stream(tokens).boxed().toList();
    }

    ContinuationEncoder.Encoded encodeContinuations(String context, List<String> continuations) {
        return memory.use(() -> new ContinuationEncoder(vocabulary).encode(context, continuations));
    }

    RenderedChat render(GenerationRequest.Chat request) {
        return memory.use(() -> conversations().rendered(request));
    }

    /** Runs work that reads the vocabulary, on the caller's thread. */
    <T> T use(Supplier<T> work) {
        return memory.use(work);
    }

    /** For callers that keep the memory from being freed. */
    PromptEncoder encoder() {
        return encoder;
    }

    /** For callers that keep the memory from being freed. */
    Vocabulary vocabulary() {
        return vocabulary;
    }

    /** For callers that keep the memory from being freed. */
    Conversations conversations() {
        return conversations.get();
    }

    private Conversations makeConversations() {
        if (chatTemplate().isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "The model " + file.path() + " brings no chat template; conversations are given to it as"
                            + " their contents joined by a blank line.");
        }
        return new Conversations(vocabulary, chatTemplate(), file);
    }
}
