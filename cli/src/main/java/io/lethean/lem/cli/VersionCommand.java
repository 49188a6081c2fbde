package io.lethean.lem.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code lem version}: the same as {@code lem --version}. */
@Command(name = "version", description = "Print the version.")
final class VersionCommand implements Callable<Integer> {

    private final Console console;

    VersionCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        for (String line : new VersionProvider().getVersion()) {
            console.out().println(line);
        }
        return 0;
    }
}
