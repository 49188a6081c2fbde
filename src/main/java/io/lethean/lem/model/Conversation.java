package io.lethean.lem.model;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with a model that keeps its place: a turn evaluates what is new, not what was said before.
 *
 * <pre>{@code
 * Conversation conversation = model.conversation("Answer in one sentence.");
 * System.out.println(conversation.send("What is kindness?").content());
 * System.out.println(conversation.send("And patience?").content());
 * }</pre>
 *
 * <p>With {@link ChatOptions} it has tools. The caller runs them, and sends what they return:
 *
 * <pre>{@code
 * Conversation conversation = model.conversation("Use the tools.", ChatOptions.withTools(weather));
 * ChatAnswer answer = conversation.send("Is it cold in Oslo?");
 * while (!answer.toolCalls().isEmpty()) {
 *     answer = conversation.sendToolResults(call -> run(call.name(), call.arguments()));
 * }
 * }</pre>
 *
 * <p>The answers are those of {@link LemModel#chat} given {@link #messages()}, bit by bit. After an answer, the model
 * evaluates what is missing of the next prompt's beginning while nobody else needs it ({@link #preparedTokens()}). That is the whole
 * answer where generated tokens have other last digits than the same tokens in a prompt (on GPUs and ARM), and else what the chat
 * template changed or added. If other callers took the place in the meantime, it is all evaluated again; {@link
 * ContextOptions#heldPrompts()} makes room for more conversations.
 *
 * <p><b>Threads.</b> Safe for use by any number of threads, one turn at a time. It owns no native memory and needs no
 * close.
 */
public final class Conversation {

    private final LemModel model;
    private final WhenFull whenFull;
    private final Optional<ChatOptions> chatOptions;
    private final ReentrantLock turn = new ReentrantLock();
    private Turns turns;
    private int droppedMessages;
    private int preparedTokens;
    private @Nullable Preparation preparation;

    Conversation(LemModel model, Turns turns, WhenFull whenFull, Optional<ChatOptions> chatOptions) {
        this.model = model;
        this.turns = turns;
        this.whenFull = whenFull;
        this.chatOptions = chatOptions;
    }

    /**
     * Says something and waits for the answer; see the method with a {@link Cancellation}.
     *
     * @param text what the user says
     * @return the answer, told apart into words, thoughts and calls
     */
    public ChatAnswer send(String text) {
        return send(text, GenerationOptions.defaults());
    }

    /**
     * Says something and waits for the answer; see the method with a {@link Cancellation}.
     *
     * @param text what the user says
     * @param options how the answer is generated
     * @return the answer, told apart into words, thoughts and calls
     */
    public ChatAnswer send(String text, GenerationOptions options) {
        return send(text, options, piece -> {}, new Cancellation());
    }

    /**
     * Says something and waits for the answer, of which both are part of the conversation from then on. An answer that
     * was cancelled is part of it as far as it came. If an exception is thrown, the conversation is as it was.
     *
     * @param text what the user says
     * @param options how the answer is generated
     * @param listener as for {@link LemModel#generate(String, GenerationOptions, Consumer, Cancellation)}
     * @param cancellation ends the answer early
     * @return the answer; without {@link ChatOptions} it is all words, as it was generated
     * @throws ContextOverflowException if the conversation does not fit the context, and {@link WhenFull} does not help
     * @throws io.lethean.lem.ChatTemplateException if the model's template refuses the conversation
     * @throws io.lethean.lem.GrammarException if the grammar or JSON Schema cannot be used
     * @throws IllegalStateException if calls of the last answer wait for their results, or the model is closed
     */
    public ChatAnswer send(
            String text, GenerationOptions options, Consumer<String> listener, Cancellation cancellation) {
        return inTurn(() -> answer(turns.asking(text), options, listener, cancellation));
    }

    /**
     * Sends the results of the calls of the last answer; see the method with a {@link Cancellation}.
     *
     * @param tools gives the result of each call, on the caller's thread
     * @return the answer, told apart into words, thoughts and calls
     */
    public ChatAnswer sendToolResults(Function<ToolCall, String> tools) {
        return sendToolResults(tools, GenerationOptions.defaults());
    }

    /**
     * Sends the results of the calls of the last answer; see the method with a {@link Cancellation}.
     *
     * @param tools gives the result of each call, on the caller's thread
     * @param options how the answer is generated
     * @return the answer, told apart into words, thoughts and calls
     */
    public ChatAnswer sendToolResults(Function<ToolCall, String> tools, GenerationOptions options) {
        return sendToolResults(tools, options, piece -> {}, new Cancellation());
    }

    /**
     * Sends the results of all {@link #openToolCalls()}, in order, and waits for the answer. Calls, results and answer
     * are part of the conversation from then on. If an exception is thrown, the conversation is as it was.
     *
     * @param tools gives the result of each call, on the caller's thread; it may run the tool. What it throws is thrown from
     *     here
     * @param options how the answer is generated
     * @param listener as for {@link #send(String, GenerationOptions, Consumer, Cancellation)}, which says what is thrown, too
     * @param cancellation ends the answer early
     * @return the answer, told apart into words, thoughts and calls
     * @throws IllegalStateException if the last answer calls no tool, or the model is closed
     */
    public ChatAnswer sendToolResults(
            Function<ToolCall, String> tools,
            GenerationOptions options,
            Consumer<String> listener,
            Cancellation cancellation) {
        return inTurn(() -> {
            Turns asked = turns;
            List<Message> results = asked.results(tools);
            if (turns != asked) {
                throw new IllegalStateException(
                        "A tool has changed the conversation that waits for its result;" + " let it use a fork.");
            }
            return answer(asked.with(results), options, listener, cancellation);
        });
    }

    /** {@return the calls of the last answer that wait for their results; empty if it calls no tool} */
    public List<ToolCall> openToolCalls() {
        return inTurn(() -> turns.openCalls());
    }

    /**
     * Answers again what the last answer answers, a question or results of tools, and replaces that answer.
     * With greedy decoding the answer is the same one.
     *
     * @param options how the answer is generated
     * @param listener as for {@link #send(String, GenerationOptions, Consumer, Cancellation)}
     * @param cancellation ends the answer early
     * @return the answer, told apart into words, thoughts and calls
     * @throws IllegalStateException if nothing was asked, or the model is closed
     */
    public ChatAnswer regenerate(GenerationOptions options, Consumer<String> listener, Cancellation cancellation) {
        return inTurn(() -> {
            Turns asked = turns.beforeLastAnswer();
            cancelPreparation();
            return answer(asked, options, listener, cancellation);
        });
    }

    /**
     * Removes the last question and all that came of it: its answer, calls of tools and their results.
     *
     * @return the question
     * @throws IllegalStateException if nothing was asked
     */
    public String undo() {
        return inTurn(() -> {
            String question = turns.question().content();
            turns = turns.beforeQuestion();
            cancelPreparation();
            return question;
        });
    }

    private void cancelPreparation() {
        if (preparation != null) {
            preparation.cancel();
            preparation = null;
        }
    }

    /** {@return a second conversation that begins as this one is now; each continues by itself} */
    public Conversation fork() {
        return inTurn(() -> {
            Conversation fork = new Conversation(model, turns, whenFull, chatOptions);
            fork.droppedMessages = droppedMessages;
            return fork;
        });
    }

    /**
     * Saves it with what the KV cache has of it, so that it continues at once in another process. The file appears
     * complete or not at all; an older one at this path is replaced then.
     *
     * @param file the file to write
     * @throws IOException if the file cannot be written
     * @throws IllegalStateException if the model is closed
     */
    public void save(Path file) throws IOException {
        turn.lock();
        try {
            model.save(this, preparation, file);
        } finally {
            turn.unlock();
        }
    }

    /** As a file has it; for the thread that has the turn. */
    ConversationFile toFile(Map<String, String> identity, int[] tokens, MemorySegment state) {
        return new ConversationFile(
                identity, turns.beginning(), turns.messages(), chatOptions, whenFull, droppedMessages, tokens, state);
    }

    static Conversation of(LemModel model, ConversationFile file) {
        Turns turns = new Turns(file.beginning(), file.messages());
        Conversation conversation = new Conversation(model, turns, file.whenFull(), file.chatOptions());
        conversation.droppedMessages = file.dropped();
        return conversation;
    }

    /**
     * {@return what the model is given: the beginning, then questions, calls of tools, their results and answers in
     * turn}
     */
    public List<Message> messages() {
        return inTurn(() -> turns.messages());
    }

    /** {@return what every turn is given in addition to the messages; empty for a conversation of texts} */
    public Optional<ChatOptions> chatOptions() {
        return chatOptions;
    }

    /**
     * {@return how many messages were dropped so far because the context was full; see {@link WhenFull#DROP_OLDEST}}
     */
    public int droppedMessages() {
        return inTurn(() -> droppedMessages);
    }

    /** {@return tokens that were evaluated between the last two turns, so that the last one began at once} */
    public int preparedTokens() {
        return inTurn(() -> preparedTokens);
    }

    private <T> T inTurn(Supplier<T> work) {
        turn.lock();
        try {
            return work.get();
        } finally {
            turn.unlock();
        }
    }

    private ChatAnswer answer(
            Turns asked, GenerationOptions options, Consumer<String> listener, Cancellation cancellation) {
        Fitted fitted = fit(asked, options);
        Generation generation = model.answer(fitted.prompt(), listener, cancellation, preparation);
        ChatAnswer answer = fitted.prompt().read(generation);
        preparedTokens = preparation == null ? 0 : preparation.evaluatedTokens();
        droppedMessages += asked.messages().size() - fitted.turns().messages().size();
        turns = fitted.turns().with(List.of(answer.message()));
        preparation = model.prepare(turns.messages(), fitted.prompt());
        return answer;
    }

    /** Turns that fit the context, with their prompt. */
    private record Fitted(Turns turns, RenderedChat prompt) {}

    private Fitted fit(Turns asked, GenerationOptions options) {
        int capacity = model.info().context().tokens();
        int wanted = Math.min(options.maxTokens(), capacity / 4);
        Turns kept = asked;
        RenderedChat prompt = render(kept, options);
        while (whenFull == WhenFull.DROP_OLDEST && prompt.promptTokens() + wanted > capacity) {
            Optional<Turns> fewer = kept.withoutOldest();
            if (fewer.isEmpty()) {
                break;
            }
            kept = fewer.get();
            prompt = render(kept, options);
        }
        return new Fitted(kept, prompt);
    }

    private RenderedChat render(Turns asked, GenerationOptions options) {
        boolean question = asked.messages().getLast().toolCallId().isEmpty();
        Optional<ChatOptions> chat = question ? chatOptions : chatOptions.map(ChatOptions::withoutDemand);
        return model.render(new GenerationRequest.Chat(asked.messages(), chat, options));
    }
}
