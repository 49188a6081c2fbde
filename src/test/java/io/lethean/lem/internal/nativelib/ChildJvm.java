package io.lethean.lem.internal.nativelib;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A Java process of its own, because a process loads native libraries once and some things end it. */
final class ChildJvm {

    /** How it ended and what it wrote, both streams together. */
    record Result(int exit, String output) {}

    private final List<String> options = new ArrayList<>();
    private final List<String> classPath = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private boolean nativeAccess = true;

    ChildJvm() {
        classPath.add(folderOf(NativeLibraries.class).toString());
        classPath.add(folderOf(ChildJvm.class).toString());
    }

    static Path folderOf(Class<?> type) {
        return Path.of(java.net.URI.create(
                type.getProtectionDomain().getCodeSource().getLocation().toString()));
    }

    ChildJvm option(String option) {
        options.add(option);
        return this;
    }

    ChildJvm environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** A folder with classes and resources that win over the project's. */
    ChildJvm classPathFirst(Path entry) {
        classPath.addFirst(entry.toString());
        return this;
    }

    /** The folder of the project's classes, in place of the one they were compiled into. */
    ChildJvm classesIn(Path folder) {
        classPath.set(classPath.indexOf(folderOf(NativeLibraries.class).toString()), folder.toString());
        return this;
    }

    ChildJvm withoutNativeAccess() {
        nativeAccess = false;
        return this;
    }

    Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
        if (nativeAccess) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(options);
        command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), LoadingProbe.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return builder.start();
    }

    Result run(String... arguments) throws IOException, InterruptedException {
        return finish(start(arguments));
    }

    static Result finish(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("The child did not end within a minute: " + output);
        }
        return new Result(process.exitValue(), output);
    }
}
