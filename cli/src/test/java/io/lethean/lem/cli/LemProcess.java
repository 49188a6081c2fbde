package io.lethean.lem.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command in a process of its own, so that it can be killed. */
final class LemProcess {

    private LemProcess() {}

    static Process start(String... arguments) throws IOException {
        return builder(arguments)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Both streams of the process are one. */
    static ProcessBuilder builder(String... arguments) {
        return builder(Lem.class, arguments);
    }

    /** @param main a program that runs the command in its own way */
    static ProcessBuilder builder(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path")));
        String natives = System.getProperty("lem.native.path");
        if (natives != null) {
            command.add("-Dlem.native.path=" + natives);
        }
        command.add("-Dlem.models=" + System.getProperty("lem.models", "no-models"));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }
}
