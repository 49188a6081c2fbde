package io.lethean.lem.model;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Message;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with a model that keeps its place: a turn evaluates what is new, not what was said before.
 *
 * <pre>{@code
 * Conversation conversation = model.conversation("Answer in one sentence.");
 * System.out.println(conversation.send("What is kindness?").text());
 * System.out.println(conversation.send("And patience?").text());
 * }</pre>
 *
 * <p>The answers are those of {@link LemModel#chat} given {@link #messages()}, bit by bit. After an answer, the model
 * evaluates it once more, as part of the next prompt, while nobody else needs it ({@link #preparedTokens()}); tokens that
 * were generated have other last digits than the same tokens in a prompt. If other callers took the place in the
 * meantime, it is all evaluated again; {@link ContextOptions#heldPrompts()} makes room for more conversations.
 *
 * <p><b>Threads.</b> Safe for use by any number of threads, one turn at a time. It owns no native memory and needs no
 * close.
 */
public final class Conversation {

    private final LemModel model;
    private final List<Message> beginning;
    private final WhenFull whenFull;
    private final ReentrantLock turn = new ReentrantLock();
    private List<Message> messages;
    private int droppedMessages;
    private int preparedTokens;
    private @Nullable Preparation preparation;

    Conversation(LemModel model, List<Message> beginning, WhenFull whenFull) {
        this(model, beginning, beginning, whenFull);
    }

    private Conversation(LemModel model, List<Message> beginning, List<Message> messages, WhenFull whenFull) {
        this.model = model;
        this.beginning = List.copyOf(beginning);
        this.messages = List.copyOf(messages);
        this.whenFull = whenFull;
    }

    /** Says something and waits for the answer; see the method with a {@link Cancellation}. */
    public Generation send(String text) {
        return send(text, GenerationOptions.defaults());
    }

    /** Says something and waits for the answer; see the method with a {@link Cancellation}. */
    public Generation send(String text, GenerationOptions options) {
        return send(text, options, piece -> {}, new Cancellation());
    }

    /**
     * Says something and waits for the answer, of which both are part of the conversation from then on. An answer that was
     * cancelled is part of it as far as it came. If an exception is thrown, the conversation is as it was.
     *
     * @param listener as for {@link LemModel#generate(String, GenerationOptions, Consumer, Cancellation)}
     * @param cancellation ends the answer early
     * @throws ContextOverflowException if the conversation does not fit the context, and {@link WhenFull} does not help
     * @throws io.lethean.lem.ChatTemplateException if the model's template refuses the conversation
     * @throws io.lethean.lem.GrammarException if the grammar or JSON Schema cannot be used
     * @throws IllegalStateException if the model is closed
     */
    public Generation send(
            String text, GenerationOptions options, Consumer<String> listener, Cancellation cancellation) {
        turn.lock();
        try {
            List<Message> asked = new ArrayList<>(messages);
            asked.add(Message.user(text));
            return answer(asked, options, listener, cancellation);
        } finally {
            turn.unlock();
        }
    }

    /**
     * Answers the last question again, in place of the answer there is. With greedy decoding the answer is the same one.
     *
     * @throws IllegalStateException if nothing was asked, or the model is closed
     */
    public Generation regenerate(GenerationOptions options, Consumer<String> listener, Cancellation cancellation) {
        turn.lock();
        try {
            List<Message> asked = messages.subList(0, lastQuestion() + 1);
            cancelPreparation();
            return answer(asked, options, listener, cancellation);
        } finally {
            turn.unlock();
        }
    }

    /**
     * Removes the last question and its answer.
     *
     * @return the question
     * @throws IllegalStateException if nothing was asked
     */
    public String undo() {
        turn.lock();
        try {
            int question = lastQuestion();
            String text = messages.get(question).content();
            messages = List.copyOf(messages.subList(0, question));
            cancelPreparation();
            return text;
        } finally {
            turn.unlock();
        }
    }

    private void cancelPreparation() {
        if (preparation != null) {
            preparation.cancel();
            preparation = null;
        }
    }

    private int lastQuestion() {
        for (int index = messages.size() - 1; index >= beginning.size(); index--) {
            if (messages.get(index).role().equals("user")) {
                return index;
            }
        }
        throw new IllegalStateException("Nothing was asked in this conversation, so no turn can be taken back.");
    }

    /** A second conversation that begins as this one is now; each continues by itself. */
    public Conversation fork() {
        turn.lock();
        try {
            Conversation fork = new Conversation(model, beginning, messages, whenFull);
            fork.droppedMessages = droppedMessages;
            return fork;
        } finally {
            turn.unlock();
        }
    }

    /**
     * Saves it with what the KV cache has of it, so that it continues at once in another process. The file appears
     * complete or not at all; an older one at this path is replaced then.
     *
     * @throws java.io.IOException if the file cannot be written
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
        return new ConversationFile(identity, beginning.size(), messages, whenFull, droppedMessages, tokens, state);
    }

    static Conversation of(LemModel model, ConversationFile file) {
        List<Message> beginning = file.messages().subList(0, file.beginning());
        Conversation conversation = new Conversation(model, beginning, file.messages(), file.whenFull());
        conversation.droppedMessages = file.dropped();
        return conversation;
    }

    /** What the model is given: the beginning, then questions and answers in turn. */
    public List<Message> messages() {
        turn.lock();
        try {
            return messages;
        } finally {
            turn.unlock();
        }
    }

    /** How many messages were dropped so far because the context was full; see {@link WhenFull#DROP_OLDEST}. */
    public int droppedMessages() {
        turn.lock();
        try {
            return droppedMessages;
        } finally {
            turn.unlock();
        }
    }

    /** Tokens that were evaluated between the last two turns, so that the last one began at once. */
    public int preparedTokens() {
        turn.lock();
        try {
            return preparedTokens;
        } finally {
            turn.unlock();
        }
    }

    private Generation answer(
            List<Message> asked, GenerationOptions options, Consumer<String> listener, Cancellation cancellation) {
        Fitted fitted = fit(asked, options);
        GenerationRequest.Tokens request = new GenerationRequest.Tokens(fitted.prompt(), options);
        Generation answer = model.answer(request, listener, cancellation, preparation);
        preparedTokens = preparation == null ? 0 : preparation.evaluatedTokens();
        List<Message> answered = new ArrayList<>(fitted.messages());
        answered.add(Message.assistant(answer.text()));
        droppedMessages += asked.size() - fitted.messages().size();
        messages = List.copyOf(answered);
        preparation = model.prepare(messages, fitted.prompt(), options);
        return answer;
    }

    /** Messages that fit the context, as tokens. */
    private record Fitted(List<Message> messages, List<Integer> prompt) {}

    private Fitted fit(List<Message> asked, GenerationOptions options) {
        int capacity = model.info().context().tokens();
        int wanted = Math.min(options.maxTokens(), capacity / 4);
        List<Message> kept = new ArrayList<>(asked);
        List<Integer> prompt = model.tokenizer().encodeChat(kept);
        while (whenFull == WhenFull.DROP_OLDEST && prompt.size() + wanted > capacity && dropOldestTurn(kept)) {
            prompt = model.tokenizer().encodeChat(kept);
        }
        return new Fitted(kept, prompt);
    }

    /** Drops the oldest question and its answer. */
    private boolean dropOldestTurn(List<Message> kept) {
        int from = beginning.size();
        int to = from + 1;
        while (to < kept.size() && !kept.get(to).role().equals("user")) {
            to++;
        }
        if (to >= kept.size()) {
            return false;
        }
        kept.subList(from, to).clear();
        return true;
    }
}
