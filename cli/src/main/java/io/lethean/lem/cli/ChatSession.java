package io.lethean.lem.cli;

import io.lethean.lem.LemException;
import io.lethean.lem.Message;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.Conversation;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.WhenFull;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;

/** A conversation in a terminal or a pipe: what each line means, and how the answers are printed. */
final class ChatSession {

    /** How a conversation opens. */
    static final String HINT = "lem: /help lists the commands, Ctrl-C ends an answer, Ctrl-D ends the conversation.";

    private static final String HELP = """
            /system TEXT   begin a new conversation with this system turn
            /undo          take back the last question and its answer
            /retry         answer the last question again
            /save FILE     save the conversation with its KV cache
            /load FILE     continue a conversation that was saved with this model
            /exit          end
            Any other line is a turn.""";

    private final Console console;
    private final LemModel model;
    private final WhenFull whenFull;
    private final GenerationOptions options;
    private final boolean json;
    private Conversation conversation;

    ChatSession(
            Console console,
            LemModel model,
            WhenFull whenFull,
            List<Message> beginning,
            GenerationOptions options,
            boolean json) {
        this.console = console;
        this.model = model;
        this.whenFull = whenFull;
        this.options = options;
        this.json = json;
        this.conversation = model.conversation(beginning, whenFull);
    }

    /** Talks with a person, who is told what went wrong and continues. */
    void talk(ChatTerminal terminal) {
        for (String line = terminal.next(); line != null; line = terminal.next()) {
            Cancellation cancellation = new Cancellation();
            terminal.onInterrupt(cancellation::cancel);
            try {
                if (!accept(line, cancellation)) {
                    return;
                }
            } catch (LemException | IOException | IllegalStateException failed) {
                console.note("lem: " + failed.getMessage());
            } finally {
                terminal.onInterrupt(() -> {});
            }
        }
    }

    /** Answers each line of standard input; the first that fails ends it. */
    void readAll() throws IOException {
        for (String line = console.in().readLine();
                line != null && accept(line, new Cancellation());
                line = console.in().readLine()) {
            if (!json) {
                console.out().println();
            }
        }
    }

    /**
     * Does what a line says.
     *
     * @return false if it ends the conversation
     */
    private boolean accept(String line, Cancellation cancellation) throws IOException {
        String stripped = line.strip();
        String[] words = stripped.split("\\s+", 2);
        String rest = words.length > 1 ? words[1] : "";
        switch (words[0]) {
            case "" -> {}
            case "/exit" -> {
                return false;
            }
            case "/help" -> console.note(HELP);
            case "/system" -> begin(rest);
            case "/undo" -> console.note("lem: Taken back: " + conversation.undo());
            case "/retry" ->
                answer(piece ->
                        conversation.regenerate(options, piece, cancellation).generation());
            case "/save" -> save(rest);
            case "/load" -> load(rest);
            default -> ask(line, cancellation);
        }
        return true;
    }

    private void begin(String system) {
        List<Message> beginning = system.isEmpty() ? List.of() : List.of(Message.system(system));
        conversation = model.conversation(beginning, whenFull);
        console.note("lem: A new conversation begins.");
    }

    private void save(String name) throws IOException {
        Path file = file("/save", name);
        conversation.save(file);
        console.note("lem: Saved in " + file + ".");
    }

    private void load(String name) throws IOException {
        Path file = file("/load", name);
        conversation = model.loadConversation(file);
        console.note(String.format(
                Locale.ROOT,
                "lem: %s continues; it has %d messages.",
                file,
                conversation.messages().size()));
    }

    private static Path file(String command, String name) throws IOException {
        if (name.isEmpty()) {
            throw new IOException(command + " needs a file name, as in " + command + " talk.lem.");
        }
        try {
            return Path.of(name);
        } catch (InvalidPathException impossible) {
            throw new IOException(command + ": " + name + " cannot be a file name on this system.", impossible);
        }
    }

    /** Asks a question and prints the answer. */
    void ask(String question, Cancellation cancellation) {
        answer(piece ->
                conversation.send(question, options, piece, cancellation).generation());
    }

    /** What generates an answer and hands out its pieces. */
    @FunctionalInterface
    private interface Answering {
        Generation answer(Consumer<String> listener);
    }

    private void answer(Answering answering) {
        int dropped = conversation.droppedMessages();
        Generation answer = answering.answer(json ? piece -> {} : piece -> Answers.print(console, piece));
        if (json) {
            console.out().println(JsonMapper.shared().writeValueAsString(fields(answer)));
            console.out().flush();
        } else {
            Answers.end(console, answer);
        }
        int lost = conversation.droppedMessages() - dropped;
        if (lost > 0) {
            console.note(String.format(
                    Locale.ROOT, "lem: The context was full; the %d oldest messages were dropped.", lost));
        }
    }

    private Map<String, Object> fields(Generation answer) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("text", answer.text());
        fields.put("prompt_tokens", answer.promptTokens());
        fields.put("evaluated_tokens", answer.evaluatedTokens());
        fields.put("prepared_tokens", conversation.preparedTokens());
        fields.put("generated_tokens", answer.generatedTokens());
        answer.timings().firstToken().ifPresent(time -> fields.put("first_token_ms", time.toNanos() / 1e6));
        fields.put("finish_reason", Answers.finishReason(answer));
        return fields;
    }
}
