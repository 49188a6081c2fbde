package io.lethean.lem.cli;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;

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

    static CommandRun withInput(String input, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Console console = new Console(
                new BufferedReader(new StringReader(input)), new PrintWriter(out), new PrintWriter(err), false);
        int code = Lem.run(console, arguments);
        return new CommandRun(code, out.toString(), err.toString());
    }
}
