package io.lethean.lem.cli;

import io.lethean.lem.model.Generation;
import io.lethean.lem.model.LemModel;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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

    GenerateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var options = generation.options();
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
}
