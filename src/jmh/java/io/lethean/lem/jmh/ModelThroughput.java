package io.lethean.lem.jmh;

import io.lethean.lem.internal.io.Json;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelInfo;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs {@link ModelBenchmark} on a file of the user's choice, then {@code llama-bench} of the same build on the same file
 * with the same threads and device, and prints both in the form of {@code llama-bench}. JMH's results are also in a JSON file.
 *
 * <p>Arguments: {@code key=value} with {@code model}, {@code device}, {@code threads} (0 takes those of {@link LemModel}),
 * {@code prompt}, {@code generate}, {@code batch}, {@code seconds} (of an iteration), {@code iterations}, {@code bench}
 * (the program), {@code json} (the file).
 */
public final class ModelThroughput {

    private static final double GIBIBYTE = 1L << 30;
    private static final double MEBIBYTE = 1L << 20;
    private static final double BILLION = 1e9;
    private static final double MILLION = 1e6;

    /** A row of the table: a test by llama-bench's name, such as {@code pp512}, tokens/s and their deviation. */
    private record Row(String test, double mean, double deviation) {}

    private final Arguments given;
    private final Path model;
    private final Path json;
    private final int batch;

    private ModelThroughput(Arguments given) {
        this.given = given;
        this.model = Path.of(given.text("model", ""));
        this.json = Path.of(given.text("json", "target/jmh/model.json"));
        this.batch = given.number("batch", 1);
    }

    public static void main(String[] arguments) throws IOException, RunnerException, InterruptedException {
        new ModelThroughput(new Arguments(arguments)).run();
    }

    private void run() throws IOException, RunnerException, InterruptedException {
        ModelInfo info = info();
        Collection<RunResult> results = runJmh();
        List<Row> ours = ourRows(results);
        List<Row> theirs = llamaBench(info);
        System.out.println();
        print(info, "LemModel", ours);
        print(info, "llama-bench", theirs);
        System.out.println("LemModel / llama-bench, one after the other and not in pairs:");
        for (Row row : ours) {
            theirs.stream()
                    .filter(other -> other.test.equals(row.test))
                    .forEach(other -> System.out.printf(Locale.ROOT, "  %-8s %.3f%n", row.test, row.mean / other.mean));
        }
        for (RunResult result : results) {
            if (isOf(result, "firstToken")) {
                Result<?> time = result.getPrimaryResult();
                System.out.printf(
                        Locale.ROOT,
                        "First token after a prompt of %d tokens: %.1f ms (99.9 %%: ± %.1f)%n",
                        prompt(),
                        time.getScore(),
                        time.getScoreError());
            }
        }
        System.out.println("JMH's results: " + json);
    }

    private int prompt() {
        return given.number("prompt", 512);
    }

    private int generate() {
        return given.number("generate", 128);
    }

    /** Loads the model once, so that a file or device that cannot be used is told before JMH starts processes. */
    private ModelInfo info() throws IOException {
        ModelOptions options = ModelOptions.builder()
                .device(given.text("device", "auto"))
                .threads(given.number("threads", 0))
                .contextTokens(prompt() + generate())
                .build();
        try (LemModel loaded = LemModel.load(model, options)) {
            return loaded.info();
        }
    }

    private Collection<RunResult> runJmh() throws IOException, RunnerException {
        Files.createDirectories(json.toAbsolutePath().getParent());
        String seconds = given.text("seconds", "2") + "s";
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(ModelBenchmark.class.getSimpleName() + "\\.(prompt|generation|firstToken"
                        + (batch > 1 ? "|batch" : "") + ")$")
                .param("model", model.toAbsolutePath().toString())
                .param("device", given.text("device", "auto"))
                .param("threads", given.text("threads", "0"))
                .param("prompt", Integer.toString(prompt()))
                .param("generate", Integer.toString(generate()))
                .param("batch", Integer.toString(batch))
                .warmupTime(TimeValue.fromString(seconds))
                .measurementTime(TimeValue.fromString(seconds))
                .measurementIterations(given.number("iterations", 5))
                .jvmArgsAppend(
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dlem.native.path=" + System.getProperty("lem.native.path", ""))
                .resultFormat(ResultFormatType.JSON)
                .result(json.toString())
                .shouldFailOnError(true);
        return new Runner(options.build()).run();
    }

    private static boolean isOf(RunResult result, String method) {
        return result.getParams().getBenchmark().endsWith("." + method);
    }

    private List<Row> ourRows(Collection<RunResult> results) {
        List<Row> rows = new ArrayList<>();
        for (RunResult result : results) {
            Result<?> tokens = result.getSecondaryResults().get("tokens");
            if (tokens != null) {
                double deviation = tokens.getStatistics().getStandardDeviation();
                rows.add(new Row(testOf(result), tokens.getScore(), Double.isNaN(deviation) ? 0 : deviation));
            }
        }
        return rows;
    }

    private String testOf(RunResult result) {
        if (isOf(result, "prompt")) {
            return "pp" + prompt();
        }
        return isOf(result, "generation")
                ? "tg" + generate()
                : batch + " x (pp" + prompt() + " + tg" + generate() + ")";
    }

    private List<Row> llamaBench(ModelInfo info) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                given.text("bench", "llama-bench"),
                "-m",
                model.toString(),
                "-t",
                Integer.toString(info.compute().threads()),
                "-p",
                Integer.toString(prompt()),
                "-n",
                Integer.toString(generate()),
                "-r",
                Integer.toString(given.number("iterations", 5)),
                "-o",
                "json"));
        String device = given.text("device", "auto");
        if (!device.equals("auto")) {
            command.addAll(List.of("-dev", device.equals("cpu") ? "none" : device));
        }
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("llama-bench ended with the status " + process.exitValue() + ": "
                    + String.join(" ", command) + ". Run this command to see why.");
        }
        List<Row> rows = new ArrayList<>();
        for (Object each : (List<?>) Json.parse(output)) {
            Map<?, ?> test = (Map<?, ?>) each;
            long prompt = number(test, "n_prompt").longValue();
            rows.add(new Row(
                    prompt > 0 ? "pp" + prompt : "tg" + number(test, "n_gen").longValue(),
                    number(test, "avg_ts").doubleValue(),
                    number(test, "stddev_ts").doubleValue()));
        }
        return rows;
    }

    private static Number number(Map<?, ?> values, String key) {
        if (values.get(key) instanceof Number number) {
            return number;
        }
        throw new IllegalStateException("llama-bench did not say " + key + ": " + values);
    }

    private static void print(ModelInfo info, String program, List<Row> rows) {
        System.out.println(program + ":");
        System.out.println("| model | size | params | backend | threads | test | t/s |");
        System.out.println("| --- | ---: | ---: | --- | ---: | ---: | ---: |");
        for (Row row : rows) {
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %d | %s | %.2f ± %.2f |%n",
                    info.architecture().description(),
                    size(info.weights().bytes()),
                    parameters(info.weights().parameters()),
                    String.join(",", info.compute().devices()),
                    info.compute().threads(),
                    row.test,
                    row.mean,
                    row.deviation);
        }
        System.out.println();
    }

    private static String size(long bytes) {
        return bytes >= GIBIBYTE
                ? String.format(Locale.ROOT, "%.2f GiB", bytes / GIBIBYTE)
                : String.format(Locale.ROOT, "%.2f MiB", bytes / MEBIBYTE);
    }

    private static String parameters(long count) {
        return count >= BILLION
                ? String.format(Locale.ROOT, "%.2f B", count / BILLION)
                : String.format(Locale.ROOT, "%.2f M", count / MILLION);
    }
}
