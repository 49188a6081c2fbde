package io.lethean.lem.cli;

import io.lethean.lem.Message;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.WhenFull;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lem chat}: a conversation, one line of input a turn. */
@Command(
        name = "chat",
        description =
                "Talk with the model through its chat template: each line of standard input is a turn, the answers"
                        + " are printed. /exit or the end of input ends the conversation; /help lists what else a line"
                        + " can be.")
final class ChatCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private ModelArguments model = new ModelArguments();

    @Mixin
    private GenerationArguments generation = new GenerationArguments();

    @ArgGroup
    private SystemTurn system = new SystemTurn();

    /** One system turn at most. */
    private static final class SystemTurn {
        @Option(
                names = {"--system", "--system-prompt"},
                paramLabel = "TEXT",
                description = "System turn at the start of the conversation.")
        private @Nullable String text;

        @Option(
                names = {"-k", "--kernel"},
                paramLabel = "FILE",
                description = "Kernel: the text of this file is the system turn. NAME=FILE is accepted, too.")
        private @Nullable String kernel;

        List<Message> turns() throws IOException {
            return kernel != null
                    ? List.of(Message.system(Kernel.read(kernel).text()))
                    : text != null ? List.of(Message.system(text)) : List.of();
        }
    }

    @Option(
            names = {"-p", "--prompt"},
            paramLabel = "TEXT",
            description = "Ask this one question, print the answer and end.")
    private @Nullable String prompt;

    ChatCommand(Console console) {
        this.console = console;
    }

    @Option(
            names = "--when-full",
            paramLabel = "drop|stop",
            description =
                    "When the context is full: drop the oldest questions with their answers, and say so, or stop with an"
                            + " error. Default: ${DEFAULT-VALUE}.")
    private Full full = Full.DROP;

    /** Names for a shell. */
    private enum Full {
        DROP(WhenFull.DROP_OLDEST),
        STOP(WhenFull.REFUSE);

        private final WhenFull meaning;

        Full(WhenFull meaning) {
            this.meaning = meaning;
        }
    }

    @Option(
            names = "--json",
            description =
                    "Print each answer as one JSON object: text, prompt_tokens, evaluated_tokens, prepared_tokens,"
                            + " generated_tokens, first_token_ms, finish_reason.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        GenerationOptions options = generation.options();
        List<Message> beginning = system.turns();
        try (LemModel loaded = model.load()) {
            ChatSession session = new ChatSession(console, loaded, full.meaning, beginning, options, json);
            if (prompt != null) {
                session.ask(prompt, new Cancellation());
            } else if (console.interactive()) {
                console.note(ChatSession.HINT);
                try (ChatTerminal terminal = ChatTerminal.ofProcess(console)) {
                    session.talk(terminal);
                }
            } else {
                session.readAll();
            }
        }
        return 0;
    }
}
