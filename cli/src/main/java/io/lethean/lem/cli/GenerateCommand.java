package io.lethean.lem.cli;

import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lem generate}: continues a text. */
@Command(
        name = "generate",
        description = "Continue a text, without any chat template. Prints the continuation only, as it is generated.")
final class GenerateCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private ModelArguments model = new ModelArguments();

    @Mixin
    private GenerationArguments generation = new GenerationArguments();

    @Option(
            names = {"-p", "--prompt"},
            paramLabel = "TEXT",
            description = "The text to continue. Default: standard input.")
    private @Nullable String prompt;

    @Option(names = "--json", description = "Print one JSON object with text, token ids, counts and timings instead.")
    private boolean json;

    @Option(
            names = "--logprobs",
            paramLabel = "N",
            description = "With --json: print the natural log-probability of each token, and those of the N most likely"
                    + " tokens at its place, 0 to 20.")
    private @Nullable Integer logprobs;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    GenerateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        GenerationOptions options = options();
        try (LemModel loaded = model.load()) {
            String text = prompt != null ? prompt : Answers.readPrompt(console);
            if (json) {
                Answers.printJson(console, loaded.generate(text, options));
            } else {
                Generation answer = loaded.generate(text, options, piece -> Answers.print(console, piece));
                Answers.end(console, answer);
            }
        }
        return 0;
    }

    private GenerationOptions options() throws IOException {
        GenerationOptions options = generation.options();
        if (logprobs == null) {
            return options;
        }
        if (!json) {
            throw Usage.error(command, "--logprobs needs --json.");
        }
        int top = logprobs;
        return Usage.valid(command, () -> options.toBuilder().logprobs(top).build());
    }
}
