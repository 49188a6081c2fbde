package io.lethean.lem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a test's {@code main} in a JVM of its own, for what may end it.
 *
 * @param exitCode as the process returned it; 134 for an abort, 139 for a segmentation fault
 * @param output standard output and error together
 */
public record ChildJvm(int exitCode, String output) {

    private static final int SECONDS = 600;

    /** Runs it to its end. */
    public static ChildJvm run(Class<?> main, String... arguments) {
        return run(Map.of(), List.of(), main, arguments);
    }

    /** Runs it to its end with more environment variables. */
    public static ChildJvm run(Map<String, String> environment, Class<?> main, String... arguments) {
        return run(environment, List.of(), main, arguments);
    }

    /** Runs it to its end with more options of the JVM. */
    public static ChildJvm run(List<String> options, Class<?> main, String... arguments) {
        return run(Map.of(), options, main, arguments);
    }

    private static ChildJvm run(
            Map<String, String> environment, List<String> options, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        command.addAll(options);
        String natives = System.getProperty("lem.native.path");
        if (natives != null) {
            command.add("-Dlem.native.path=" + natives);
        }
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return run(environment, command);
    }

    private static ChildJvm run(Map<String, String> environment, List<String> command) {
        try {
            Path output = Files.createTempFile("child", ".txt");
            try {
                ProcessBuilder builder =
                        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
                return new ChildJvm(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
