package io.lethean.lem.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/** A person's terminal: lines that can be edited, the lines before, and Ctrl-C. */
final class ChatTerminal implements AutoCloseable {

    private final Terminal terminal;
    private final LineReader reader;
    private final Console console;
    private volatile Runnable interrupt = () -> {};

    /** Takes ownership of the terminal. */
    ChatTerminal(Terminal terminal, Console console) {
        this.terminal = terminal;
        this.console = console;
        this.reader = LineReaderBuilder.builder()
                .terminal(terminal)
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .build();
        terminal.handle(Terminal.Signal.INT, signal -> interrupt.run());
    }

    static ChatTerminal ofProcess(Console console) throws IOException {
        Terminal terminal = TerminalBuilder.builder()
                .system(true)
                .exec(true)
                .jni(false)
                .ffm(false)
                .dumb(true)
                .encoding(StandardCharsets.UTF_8)
                .build();
        return new ChatTerminal(terminal, console);
    }

    /** What Ctrl-C does while no line is being read; called on a thread of its own. */
    void onInterrupt(Runnable action) {
        interrupt = action;
    }

    /** The next line; null at the end. Ctrl-C discards the line that is being typed. */
    @Nullable
    String next() {
        while (true) {
            try {
                return reader.readLine("> ");
            } catch (UserInterruptException discarded) {
                console.note(ChatSession.HINT);
            } catch (EndOfFileException ended) {
                return null;
            }
        }
    }

    @Override
    public void close() throws IOException {
        terminal.close();
    }
}
