package io.lethean.lem.spark;

import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbResult;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.evaluation.score.V2Scorer;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** The program for {@code spark-submit}: A/B benchmarks of several models. {@code --help} prints its arguments. */
public final class BenchmarkMain {

    static final String HELP = """
            Usage: spark-submit ... lem-spark.jar --output DIR --prompts FILE --model NAME=FILE [...]
              --model NAME=FILE     a model, by its path on every machine; repeatable
              --kernel NAME=FILE    a kernel and the name of its condition; repeatable
              --prompts FILE        probes, as seeds/P01-P20.json
              --output DIR          folder of the driver for NAME.jsonl and NAME.jsonl.run.jsonl; run again, it resumes there
              --parquet FOLDER      write the answers as Parquet too, to a path or an address that Spark knows
              --max-tokens N        default 1024      --temperature X  default 0        --seed N
              --samples N           default 1         --scorer NAME    default v2
              --context TOKENS      default 0: the model's, at most 8192
              --parallel N          answers at a time in an executor, default 1
              --threads N           threads of an executor; default 0: as many as it has cores
              --device NAME         auto, cpu or the name of a device; default auto
              --limit N             ask the first N probes only
              --overwrite           delete what an earlier run recorded in DIR and start again
            Settings: --conf spark.lem.mixed=true allows executors of different kinds, --conf spark.lem.tasks=N sets the tasks
            of a model's job. Models share the executors.
            """;

    private static final Set<String> NAMES = Set.of(
            "--model",
            "--kernel",
            "--prompts",
            "--output",
            "--parquet",
            "--max-tokens",
            "--temperature",
            "--seed",
            "--samples",
            "--scorer",
            "--context",
            "--parallel",
            "--threads",
            "--device",
            "--limit");

    private final Map<String, List<String>> values = new LinkedHashMap<>();
    private boolean overwrite;

    private BenchmarkMain(String... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--overwrite")) {
                overwrite = true;
            } else if (!NAMES.contains(arguments[i])) {
                throw new IllegalArgumentException("'" + arguments[i] + "' is not an option; --help lists them.");
            } else if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + " needs a value.");
            } else {
                values.computeIfAbsent(arguments[i], name -> new ArrayList<>()).add(arguments[++i]);
            }
        }
    }

    /**
     * Runs the program: exit code 0 for success, 1 for a failure, 2 for wrong usage.
     *
     * @param arguments as {@code --help} prints them
     */
    public static void main(String[] arguments) {
        System.exit(run(System.out, System.err, new SparkConf(), arguments));
    }

    static int run(PrintStream out, PrintStream err, SparkConf conf, String... arguments) {
        if (List.of(arguments).contains("--help")) {
            out.print(HELP);
            return 0;
        }
        SparkBenchmark benchmark;
        BenchmarkMain given;
        try {
            given = new BenchmarkMain(arguments);
            benchmark = given.benchmark();
        } catch (IllegalArgumentException | IOException wrong) {
            err.println("lem: " + wrong.getMessage());
            return 2;
        }
        try {
            given.run(out, err, conf, benchmark);
            return 0;
        } catch (Exception failed) { // Spark throws checked exceptions that it does not declare.
            err.println("lem: " + (failed.getMessage() == null ? failed.toString() : failed.getMessage()));
            return 1;
        }
    }

    private SparkBenchmark benchmark() throws IOException {
        List<Kernel> kernels = new ArrayList<>();
        for (String kernel : values.getOrDefault("--kernel", List.of())) {
            kernels.add(Kernel.read(kernel));
        }
        Path prompts = Path.of(one("--prompts"));
        if (!Files.exists(prompts)) {
            throw new IllegalArgumentException("--prompts names " + prompts + ", which does not exist.");
        }
        List<Probe> probes = ProbeFile.read(prompts);
        int limit = (int) number("--limit", probes.size(), 1, Integer.MAX_VALUE);
        one("--output");
        return new SparkBenchmark(
                models(),
                kernels,
                probes.subList(0, Math.min(limit, probes.size())),
                options(),
                (int) number("--samples", 1, 1, Integer.MAX_VALUE),
                Scorers.named(last("--scorer", V2Scorer.NAME)));
    }

    private List<NamedModel> models() {
        ModelOptions options = ModelOptions.builder()
                .contextTokens((int) number("--context", 0, 0, Integer.MAX_VALUE))
                .parallel((int) number("--parallel", 1, 1, Integer.MAX_VALUE))
                .threads((int) number("--threads", 0, 0, Integer.MAX_VALUE))
                .device(last("--device", "auto"))
                .build();
        List<NamedModel> models = new ArrayList<>();
        for (String given : values.getOrDefault("--model", List.of())) {
            int equals = given.indexOf('=');
            Path file = Path.of(given.substring(equals + 1)).toAbsolutePath();
            if (!Files.exists(file)) {
                throw new IllegalArgumentException("The model " + file
                        + " does not exist on the driver's machine; every machine needs it at this path.");
            }
            models.add(new NamedModel(
                    equals < 0 ? NamedModel.nameOf(file) : given.substring(0, equals), file, List.of(), options));
        }
        return models;
    }

    private GenerationOptions options() {
        GenerationOptions.Builder builder = AbPlan.publishedOptions().toBuilder();
        values.getOrDefault("--max-tokens", List.of())
                .forEach(given -> builder.maxTokens((int) number("--max-tokens", 0, 1, Integer.MAX_VALUE)));
        values.getOrDefault("--seed", List.of())
                .forEach(given -> builder.seed(number("--seed", 0, Long.MIN_VALUE, Long.MAX_VALUE)));
        values.getOrDefault("--temperature", List.of())
                .forEach(given -> builder.temperature(real("--temperature", given)));
        return builder.build();
    }

    private String one(String name) {
        List<String> given = values.getOrDefault(name, List.of());
        if (given.size() != 1) {
            throw new IllegalArgumentException(name + " is needed once, and it is given " + given.size() + " times.");
        }
        return given.getFirst();
    }

    private String last(String name, String otherwise) {
        List<String> given = values.getOrDefault(name, List.of());
        return given.isEmpty() ? otherwise : given.getLast();
    }

    private long number(String name, long otherwise, long least, long most) {
        String given = last(name, Long.toString(otherwise));
        try {
            long number = Long.parseLong(given);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // The sentence below fits both.
        }
        throw new IllegalArgumentException(
                String.format(Locale.ROOT, "%s is '%s' and must be a whole number of %d or more.", name, given, least));
    }

    private static double real(String name, String given) {
        try {
            return Double.parseDouble(given);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(name + " is '" + given + "' and must be a number.", notANumber);
        }
    }

    private void run(PrintStream out, PrintStream err, SparkConf conf, SparkBenchmark benchmark) throws IOException {
        JavaVersions.require(Runtime.version(), "This process");
        Path folder = Path.of(one("--output"));
        try (SparkSession session = SparkProvider.session(conf)) {
            LemSpark spark = new LemSpark(
                    session,
                    SparkSettings.of(session.sparkContext().conf()),
                    Notices.to(sentence -> err.println("lem: " + sentence)));
            Progress progress = new Progress(err);
            Map<String, AbResult> results = spark.benchmark(benchmark, folder, overwrite, progress::of);
            for (Map.Entry<String, AbResult> result : results.entrySet()) {
                out.println(result.getKey() + ": " + means(result.getValue()) + "; "
                        + result.getValue().output());
            }
            for (String table : values.getOrDefault("--parquet", List.of())) {
                long rows = 0;
                for (Map.Entry<String, AbResult> result : results.entrySet()) {
                    rows += spark.writeParquet(result.getValue().output(), result.getKey(), table);
                }
                out.println(rows + " rows written to " + table);
            }
        }
    }

    private static String means(AbResult result) {
        return result.summary().conditions().stream()
                .map(condition -> String.format(Locale.ROOT, "%s %.2f", condition.name(), condition.averageLek()))
                .collect(Collectors.joining(", "));
    }

    /** Lines on standard error: when a model begins and ends, and one of any model every 30 seconds. */
    private static final class Progress {
        private static final long INTERVAL = 30_000_000_000L;

        private final PrintStream err;
        private final AtomicLong last = new AtomicLong(System.nanoTime() - INTERVAL);

        Progress(PrintStream err) {
            this.err = err;
        }

        RunListener of(NamedModel model) {
            return new RunListener() {
                @Override
                public void started(int recorded, int answers) {
                    err.printf(Locale.ROOT, "%s: %d of %d answers are recorded%n", model.name(), recorded, answers);
                }

                @Override
                public void answered(Answered answer) {
                    long now = System.nanoTime();
                    long before = last.get();
                    if (answer.done() == answer.answers()
                            || now - before > INTERVAL && last.compareAndSet(before, now)) {
                        err.printf(Locale.ROOT, "%s: %d of %d%n", model.name(), answer.done(), answer.answers());
                    }
                }
            };
        }
    }
}
