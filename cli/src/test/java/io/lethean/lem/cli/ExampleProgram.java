package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A program of {@code examples} that a document shows whole. */
record ExampleProgram(Path file) {

    private static final String JAVA = "```java\n";

    static ExampleProgram of(String file) {
        return new ExampleProgram(Path.of(file));
    }

    /** The first Java code of the document is this program, without the comments before it. */
    void assertIsFirstIn(Path document) throws IOException {
        String program = Files.readAllLines(file).stream()
                .dropWhile(line -> line.startsWith("//") || line.isEmpty())
                .collect(Collectors.joining("\n", "", "\n"));
        String text = Files.readString(document);
        int start = text.indexOf(JAVA) + JAVA.length();
        assertThat(text.substring(start, text.indexOf("```", start))).isEqualTo(program);
    }

    /** Starts it with the class path of the tests; its error stream is part of its output. */
    Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dlem.native.path=" + System.getProperty("lem.native.path", ""),
                "-cp",
                System.getProperty("java.class.path"),
                file.toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
