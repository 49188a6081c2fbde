package io.lethean.lem.cli;

import java.util.List;

/**
 * The training run of the AOT cache: runs commands so that the JVM records which classes they load. {@code scripts/aot-cache}
 * starts it with the path of a model.
 */
final class StartupTraining {

    private StartupTraining() {}

    /** Ends the process with the status of the first command that failed; 0 if all succeeded. */
    public static void main(String[] arguments) {
        Lem.prepareProcess();
        Console console = Console.ofProcess();
        for (List<String> command : commands(arguments[0])) {
            int status = Lem.run(console, command.toArray(String[]::new));
            if (status != 0) {
                console.note(
                        "lem: The command " + String.join(" ", command) + " ended with the status " + status + ".");
                System.exit(status);
            }
        }
        System.exit(0);
    }

    private static List<List<String>> commands(String model) {
        return List.of(
                List.of("--help"),
                List.of("train", "--help"),
                List.of("inspect", model),
                List.of("info", "--model", model),
                List.of("generate", "--model", model, "--prompt", "The keeper", "--max-tokens", "8"),
                List.of(
                        "generate",
                        "--model",
                        model,
                        "--prompt",
                        "The keeper",
                        "--max-tokens",
                        "8",
                        "--temperature",
                        "0.7",
                        "--json"),
                List.of("chat", "--model", model, "--prompt", "Why?", "--max-tokens", "8"),
                List.of("embed", "--model", model, "--pooling", "mean", "--text", "The keeper"));
    }
}
