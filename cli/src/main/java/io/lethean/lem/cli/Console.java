package io.lethean.lem.cli;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * The three streams of a command, in UTF-8 whatever the locale says.
 *
 * @param in what the user types or pipes
 * @param out results and nothing else
 * @param err everything else: progress, warnings, errors
 * @param interactive true if a person reads {@code out} on a terminal
 */
record Console(BufferedReader in, PrintWriter out, PrintWriter err, boolean interactive) {

    static Console ofProcess() {
        java.io.Console terminal = System.console();
        return new Console(
                new BufferedReader(new InputStreamReader(System.in, strictUtf8())),
                writer(FileDescriptor.out),
                writer(FileDescriptor.err),
                terminal != null && terminal.isTerminal());
    }

    /** Text in another encoding is refused, because a model would read its replacement characters. */
    private static CharsetDecoder strictUtf8() {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** Prints a line meant for the user and not for what reads the results. */
    void note(String line) {
        err.println(line);
        err.flush();
    }
}
