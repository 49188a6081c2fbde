package io.lethean.lem.spark;

import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbRunner;
import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.evaluation.run.AnswerSource;
import io.lethean.lem.evaluation.run.LocalAnswers;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.OnDemandModel;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * How much faster executors answer than one thread, in one run: {@code scripts/bench-spark}. Each way answers the same questions,
 * in turn, several times; models are loaded before.
 */
public final class SparkPace {

    private final Path folder = Files.createTempDirectory("spark-pace");
    private final Path file;
    private final List<Probe> probes;
    private final int tokens;
    private final Map<String, List<Double>> seconds = new LinkedHashMap<>();
    private final Map<String, List<String>> answers = new LinkedHashMap<>();
    private long generated;
    private long prompted;
    private int runs;

    private SparkPace(Path file, int probes, int tokens) throws IOException {
        this.file = file.toAbsolutePath();
        this.probes = ProbeFile.read(Path.of("seeds/P01-P20.json")).subList(0, probes);
        this.tokens = tokens;
    }

    /** Arguments: model file, probes, tokens per answer, rounds. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        new SparkPace(Path.of(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]))
                .measure(Integer.parseInt(arguments[3]));
    }

    private NamedModel model(int threads, int parallel) {
        ModelOptions options = ModelOptions.builder()
                .contextTokens(1024)
                .threads(threads)
                .parallel(parallel)
                .device("cpu")
                .build();
        return new NamedModel("m", file, List.of(), options);
    }

    private void measure(int rounds) throws IOException, InterruptedException {
        NamedModel one = model(1, 1);
        NamedModel shared = model(2, 2);
        try (Standalone cluster = new Standalone(folder);
                OnDemandModel alone = new OnDemandModel(one)) {
            run("warm-up", one, new LocalAnswers(alone), 1);
            for (int round = 0; round < rounds; round++) {
                run("one thread", one, new LocalAnswers(alone), probes.size());
                try (SparkSession session = Nano.session("local[2]", Map.of())) {
                    LemSpark spark = new LemSpark(session, SparkSettings.defaults());
                    run("warm-up", shared, spark.answers(shared, shared.identity()), 1);
                    run("local[2], one model", shared, spark.answers(shared, shared.identity()), probes.size());
                }
                if (round == 0) {
                    master = cluster.start(2);
                }
                Map<String, String> settings = new HashMap<>(cluster.settings(2));
                settings.put("spark.scheduler.minRegisteredResourcesRatio", "1.0");
                try (SparkSession session = Nano.session(master, settings)) {
                    LemSpark spark = new LemSpark(session, SparkSettings.defaults());
                    run("warm-up", one, spark.answers(one, one.identity()), 4);
                    run("two executors, one thread each", one, spark.answers(one, one.identity()), probes.size());
                }
            }
        }
        print(rounds);
    }

    private String master = "";

    private void run(String way, NamedModel model, AnswerSource source, int count) throws IOException {
        AbPlan plan = new AbPlan(
                model.identity(),
                List.of(Kernel.ofText("kind", "Be kind, and say what you do not know.")),
                probes.subList(0, Math.min(count, probes.size())),
                GenerationOptions.builder()
                        .maxTokens(tokens)
                        .temperature(0.8)
                        .seed(3)
                        .build());
        Path output = folder.resolve(runs++ + ".jsonl");
        long start = System.nanoTime();
        new AbRunner(plan, source, RunListener.SILENT).run(output, false);
        double took = (System.nanoTime() - start) / 1e9;
        if (!way.equals("warm-up")) {
            seconds.computeIfAbsent(way, name -> new ArrayList<>()).add(took);
            answers.putIfAbsent(way, texts(output));
            System.err.printf(Locale.ROOT, "%-32s %6.2f s%n", way, took);
        }
        if (way.equals("one thread") && generated == 0) {
            count(output);
        }
    }

    private static List<String> texts(Path output) throws IOException {
        return AbRuns.timeless(output).stream()
                .filter(line -> !line.contains("\"summary\""))
                .toList();
    }

    private void count(Path output) throws IOException {
        for (Map<String, Object> line : JsonLineReader.readAll(output)) {
            if (line.get("conditions") instanceof Map<?, ?> conditions) {
                for (Object answer : conditions.values()) {
                    generated += (Long) ((Map<?, ?>) answer).get("generated_tokens");
                    prompted += (Long) ((Map<?, ?>) answer).get("prompt_tokens");
                }
            }
        }
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private void print(int rounds) {
        double one = median(seconds.get("one thread"));
        System.out.printf(
                Locale.ROOT,
                "%s: %d questions, %d tokens of prompts, %d generated; medians of %d rounds%n",
                file.getFileName(),
                probes.size() * 2,
                prompted,
                generated,
                rounds);
        seconds.forEach((way, times) -> System.out.printf(
                Locale.ROOT,
                "%-32s %7.2f s  %6.2f answers/min  %7.1f tokens/s  %5.2f x%n",
                way,
                median(times),
                probes.size() * 120 / median(times),
                generated / median(times),
                one / median(times)));
        System.out.println("The answers of two executors are those of one thread: "
                + answers.get("two executors, one thread each").equals(answers.get("one thread")));
    }
}
