package io.lethean.lem.spark;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A master and a worker of Spark's own, as processes on this machine's loopback, from the jars of the test's class path. The
 * worker starts executors with one core each.
 */
final class Standalone implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Path folder;
    private final Path home;
    private final List<Process> processes = new ArrayList<>();
    private String master = "";

    Standalone(Path folder) throws IOException {
        this.folder = folder;
        home = home(folder);
    }

    static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** What an installation of Spark looks like to its launcher: its jars, and a file RELEASE. LEM's jars are not in it. */
    private static Path home(Path folder) throws IOException {
        Path jars = Files.createDirectories(folder.resolve("spark/jars"));
        Files.writeString(folder.resolve("spark/RELEASE"), "");
        for (String entry : classPath().split(File.pathSeparator)) {
            Path jar = Path.of(entry).toAbsolutePath();
            if (entry.endsWith(".jar")
                    && !jar.getFileName().toString().startsWith("lem-")
                    && !Files.exists(jars.resolve(jar.getFileName()))) {
                Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
            }
        }
        return jars.getParent();
    }

    /** Starts the master and a worker, and returns the master's address. */
    String start(int cores) throws IOException, InterruptedException {
        Path masterLog = folder.resolve("master.log");
        launch(
                masterLog,
                "org.apache.spark.deploy.master.Master",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--webui-port",
                "0");
        await("the master", () -> find(masterLog, "Starting Spark master at ").isPresent());
        master = find(masterLog, "Starting Spark master at ").orElseThrow();
        Path workerLog = folder.resolve("worker.log");
        launch(
                workerLog,
                "org.apache.spark.deploy.worker.Worker",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--webui-port",
                "0",
                "--cores",
                Integer.toString(cores),
                "--memory",
                "4g",
                "--work-dir",
                folder.resolve("work").toString(),
                master);
        await(
                "the worker",
                () -> find(workerLog, "Successfully registered with master ").isPresent());
        return master;
    }

    private void launch(Path log, String main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                home.resolve("jars") + "/*",
                main));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        environment(builder.environment());
        processes.add(builder.start());
    }

    private void environment(Map<String, String> environment) {
        environment.put("SPARK_HOME", home.toString());
        environment.put("SPARK_SCALA_VERSION", "2.13");
        environment.put("SPARK_LOCAL_IP", "127.0.0.1");
        environment.put("JAVA_HOME", System.getProperty("java.home"));
    }

    /** What an application needs to find its classes and this machine. */
    Map<String, String> settings(int executors) {
        return Map.of(
                "spark.cores.max",
                Integer.toString(executors),
                "spark.executor.cores",
                "1",
                "spark.executor.memory",
                "512m",
                "spark.executor.extraClassPath",
                classPath(),
                "spark.executor.extraJavaOptions",
                "-XX:+UseSerialGC -Dlem.native.path=" + System.getProperty("lem.native.path"));
    }

    private static Optional<String> find(Path log, String before) {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(before))
                    .map(line -> line.substring(line.indexOf(before) + before.length())
                            .strip())
                    .findFirst();
        } catch (IOException notYet) {
            return Optional.empty();
        }
    }

    private void await(String what, BooleanSupplier there) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!there.getAsBoolean()) {
            if (System.nanoTime() > end || processes.stream().anyMatch(process -> !process.isAlive())) {
                StringBuilder logs = new StringBuilder("Spark did not start: " + what + "\n");
                for (String name : List.of("master.log", "worker.log")) {
                    Path log = folder.resolve(name);
                    logs.append(Files.exists(log) ? Files.readString(log) : "");
                }
                throw new IOException(logs.toString());
            }
            Thread.sleep(100);
        }
    }

    /** The JVMs of executors: grandchildren of this process, by their main class. */
    List<ProcessHandle> executors() {
        return processes.stream()
                .flatMap(Process::descendants)
                .filter(ProcessHandle::isAlive)
                .filter(process -> commandLine(process).contains("CoarseGrainedExecutorBackend"))
                .toList();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (IOException gone) {
            return process.info().commandLine().orElse("");
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> all =
                new ArrayList<>(processes.stream().flatMap(Process::descendants).toList());
        processes.forEach(Process::destroyForcibly);
        all.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
    }
}
