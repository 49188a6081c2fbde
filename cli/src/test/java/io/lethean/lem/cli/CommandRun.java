package io.lethean.lem.cli;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * One run of the command inside this process.
 *
 * @param code the exit code
 * @param out everything on standard output
 * @param err everything on standard error
 */
record CommandRun(int code, String out, String err) {

    static CommandRun of(String... arguments) {
        return withInput("", arguments);
    }

    /** Trains {@code model.gguf} on the data in {@code d}, both in a folder, on one thread with two samples in a batch. */
    static CommandRun train(Path folder, String adapter, String... more) {
        Stream<String> usual = Stream.of(
                "train",
                "--model",
                folder.resolve("model.gguf").toString(),
                "--data",
                folder.resolve("d").toString(),
                "--adapter-path",
                folder.resolve(adapter).toString(),
                "--threads",
                "1",
                "--batch-size",
                "2");
        return of(Stream.concat(usual, Stream.of(more)).toArray(String[]::new));
    }

    static CommandRun withInput(String input, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Console console = new Console(
                new BufferedReader(new StringReader(input)), new PrintWriter(out), new PrintWriter(err), false);
        int code = Lem.run(console, arguments);
        return new CommandRun(code, out.toString(), err.toString());
    }
}
