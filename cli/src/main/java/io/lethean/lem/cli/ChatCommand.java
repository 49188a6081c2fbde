package io.lethean.lem.cli;

import io.lethean.lem.Message;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import java.io.IOException;
import java.util.ArrayList;
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
                        + " are printed. An empty line, /exit or the end of input ends the conversation.")
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

    @Override
    public Integer call() throws IOException {
        GenerationOptions options = generation.options();
        List<Message> conversation = new ArrayList<>(system.turns());
        try (LemModel loaded = model.load()) {
            if (prompt != null) {
                turn(loaded, conversation, prompt, options);
            } else {
                talk(loaded, conversation, options);
            }
        }
        return 0;
    }

    private void talk(LemModel loaded, List<Message> conversation, GenerationOptions options) throws IOException {
        for (String line = nextLine(); line != null; line = nextLine()) {
            turn(loaded, conversation, line, options);
            if (!console.interactive()) {
                console.out().println();
            }
        }
    }

    private @Nullable String nextLine() throws IOException {
        if (console.interactive()) {
            console.err().print("> ");
            console.err().flush();
        }
        String line = console.in().readLine();
        return line == null || line.isBlank() || line.strip().equals("/exit") ? null : line;
    }

    private void turn(LemModel loaded, List<Message> conversation, String question, GenerationOptions options) {
        conversation.add(Message.user(question));
        Generation answer = loaded.chat(conversation, options, piece -> Answers.print(console, piece));
        Answers.end(console, answer);
        conversation.add(Message.assistant(answer.text()));
    }
}
