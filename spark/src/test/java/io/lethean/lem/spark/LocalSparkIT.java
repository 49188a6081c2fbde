package io.lethean.lem.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbResult;
import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.distill.DistillPlan;
import io.lethean.lem.evaluation.distill.DistillRunner;
import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.OnDemandModel;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.score.V2Scorer;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.spark.SparkFiles;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark with two threads in this process: the same answers as without Spark. */
@Tag("spark")
class LocalSparkIT {

    private static final int PROBES = 6;

    private static SparkSession session;
    private static List<String> local;

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws IOException {
        local = Nano.local(Nano.model(), PROBES, shared.resolve("local.jsonl"));
        session = Nano.session("local[2]", Map.of());
    }

    @AfterAll
    static void stop() {
        session.stop();
        assertThat(ModelHolder.SHARED.held()).as("models after the application").isZero();
    }

    private static LemSpark spark(int tasks) {
        return new LemSpark(session, new SparkSettings(false, OptionalInt.of(tasks)));
    }

    private AbResult run(LemSpark spark, Path output) throws IOException {
        AbPlan plan = Nano.benchmark(PROBES, Nano.model()).plan(Nano.model());
        return spark.benchmark(plan, Nano.model(), output, false, RunListener.SILENT);
    }

    @Test
    void answersAreThoseOfLemBenchmark_withOneTwoThreePartitionsAndOneForEachQuestion() throws IOException {
        int before = ModelHolder.SHARED.loads();
        for (int tasks : new int[] {1, 2, 3, 100}) {
            Path output = folder.resolve(tasks + ".jsonl");

            AbResult result = run(spark(tasks), output);

            assertThat(result.asked()).isEqualTo(2 * PROBES);
            assertThat(AbRuns.timeless(output)).as("%d tasks", tasks).isEqualTo(local);
        }
        assertThat(ModelHolder.SHARED.loads() - before).as("loads of the model").isLessThanOrEqualTo(1);
    }

    @Test
    void everyAnswerInTheLog_namesTheMachine() throws IOException {
        Path output = folder.resolve("ab.jsonl");

        run(spark(3), output);

        assertThat(AbRuns.logLines(output, "answer"))
                .hasSize(2 * PROBES)
                .allSatisfy(line -> assertThat(line)
                        .containsEntry("machine", Machine.here("cpu").fields()));
    }

    @Test
    void severalModelsAreAskedAsOne_eachInItsFile() throws IOException {
        NamedModel one = Nano.model().withName("one");
        NamedModel two = Nano.model(2).withName("two");

        Map<String, AbResult> results =
                spark(4).benchmark(Nano.benchmark(PROBES, one, two), folder, false, model -> RunListener.SILENT);

        assertThat(results).containsOnlyKeys("one", "two");
        assertThat(AbRuns.timeless(folder.resolve("one.jsonl"))).isEqualTo(local);
        assertThat(AbRuns.timeless(folder.resolve("two.jsonl")))
                .isEqualTo(Nano.local(two, PROBES, folder.resolve("two-local.jsonl")));
    }

    @Test
    void runThatWasCut_asksOnlyWhatIsMissing() throws IOException {
        Path output = folder.resolve("ab.jsonl");
        run(spark(2), output);
        Path log = RunFiles.logOf(output);
        List<String> kept = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            if (!line.contains("\"type\": \"done\"") && kept.size() < 12) {
                kept.add(line);
            }
        }
        Files.write(log, kept);
        Files.writeString(log, "{\"type\": \"answer\", \"pro", java.nio.file.StandardOpenOption.APPEND);
        Files.delete(output);
        long answered = kept.stream()
                .filter(line -> line.contains("\"type\": \"answer\""))
                .count();

        AbResult result = run(spark(2), output);

        assertThat(answered).isBetween(1L, 2L * PROBES - 1);
        assertThat(result.asked()).isEqualTo((int) (2 * PROBES - answered));
        assertThat(AbRuns.timeless(output)).isEqualTo(local);
        assertThat(AbRuns.logLines(output, "answer")).hasSize(2 * PROBES);
    }

    @Test
    void machineOfAnotherKind_isRefusedUnlessAMixIsAllowed() throws IOException {
        Path output = folder.resolve("ab.jsonl");
        run(spark(2), output);
        Path log = RunFiles.logOf(output);
        List<String> kept = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            if (kept.size() < 5) {
                kept.add(line.replaceAll("\"kernels\": \"[^\"]*\"", "\"kernels\": \"libggml-cpu-zen4.so 01\""));
            }
        }
        Files.write(log, kept);
        Files.delete(output);

        assertThatThrownBy(() -> run(spark(2), output))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("Executor driver at")
                .hasMessageContaining("libggml-cpu-zen4.so 01")
                .hasMessageContaining(Machine.here("cpu").kernels())
                .hasMessageContaining("Use machines of one kind, or allow a mix.")
                .hasMessageContaining("0 of ");

        run(new LemSpark(session, new SparkSettings(true, OptionalInt.empty())), output);
        assertThat(AbRuns.timeless(output)).isEqualTo(local);
    }

    @Test
    void modelsOfOneBenchmark_areAnsweredByOneKindOfMachine() throws IOException {
        NamedModel first = Nano.model().withName("first");
        NamedModel second = Nano.model().withName("second");
        spark(2).benchmark(Nano.benchmark(1, first), folder, false, each -> RunListener.SILENT);
        Path log = RunFiles.logOf(folder.resolve("first.jsonl"));
        Files.writeString(
                log,
                Files.readString(log).replaceAll("\"kernels\": \"[^\"]*\"", "\"kernels\": \"libggml-cpu-zen4.so 01\""));

        assertThatThrownBy(() ->
                        spark(2).benchmark(Nano.benchmark(1, first, second), folder, false, each -> RunListener.SILENT))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("libggml-cpu-zen4.so 01")
                .hasMessageContaining("allow a mix");
        assertThat(folder.resolve("second.jsonl"))
                .satisfiesAnyOf(
                        none -> assertThat(none).doesNotExist(),
                        none -> assertThat(none).isEmptyFile());

        new LemSpark(session, new SparkSettings(true, OptionalInt.empty()))
                .benchmark(Nano.benchmark(1, first, second), folder, false, each -> RunListener.SILENT);
        assertThat(folder.resolve("second.jsonl")).isNotEmptyFile();
    }

    @Test
    void modelThatIsMissingOnAnExecutor_isASentence() throws IOException {
        Path file = folder.resolve("gone.gguf");
        Files.copy(Nano.FILE, file);
        NamedModel model = new NamedModel("gone", file, List.of(), Nano.model().options());
        AbPlan plan = Nano.benchmark(2, model).plan(model);
        Files.delete(file);

        assertThatThrownBy(() -> spark(2).benchmark(plan, model, folder.resolve("ab.jsonl"), false, RunListener.SILENT))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("has no model " + file)
                .hasMessageContaining("spark.files");
    }

    @Test
    void adaptersThatSparkSent_areFound_andAMissingOneIsNamed() throws Exception {
        Path adapter = folder.resolve("sent.gguf");
        Path gone = folder.resolve("gone.gguf");
        Files.writeString(Path.of(SparkFiles.get("sent.gguf")), "an adapter");

        NamedModel located = Executor.located(
                new NamedModel("m", Nano.FILE, List.of(new AdapterUse(adapter, 0.5f)), ModelOptions.defaults()));

        assertThat(located.adapters()).singleElement().satisfies(use -> {
            assertThat(use.path()).hasFileName("sent.gguf").hasContent("an adapter");
            assertThat(use.weight()).isEqualTo(0.5f);
        });
        assertThat(located.options().compute().threads()).isBetween(1, 2);
        assertThatThrownBy(() -> Executor.located(
                        new NamedModel("m", Nano.FILE, List.of(AdapterUse.of(gone)), ModelOptions.defaults())))
                .isInstanceOf(Executor.Refusal.class)
                .hasMessageContaining("has no adapter " + gone)
                .hasMessageContaining("spark.files");
    }

    @Test
    void anotherFileAtTheSamePath_isRefusedByItsChecksum() throws IOException {
        Path file = folder.resolve("other.gguf");
        Files.copy(Nano.FILE, file);
        NamedModel model = new NamedModel("other", file, List.of(), Nano.model().options());
        AbPlan plan = Nano.benchmark(2, model).plan(model);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);

        assertThatThrownBy(() -> spark(2).benchmark(plan, model, folder.resolve("ab.jsonl"), false, RunListener.SILENT))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("has another model at " + file)
                .hasMessageContaining(plan.model().sha256());
    }

    @Test
    void promptThatDoesNotFit_isWrittenDownAndTheOthersAreAnswered() throws IOException {
        NamedModel model = new NamedModel(
                "short",
                Nano.FILE.toAbsolutePath(),
                List.of(),
                Nano.model().options().toBuilder().contextTokens(256).build());
        List<io.lethean.lem.evaluation.probe.Probe> probes = new ArrayList<>(Nano.probes(3));
        probes.set(1, new io.lethean.lem.evaluation.probe.Probe("LONG", "none", "word ".repeat(600)));
        AbPlan plan = new AbPlan(model.identity(), List.of(), probes, Nano.OPTIONS);
        Path output = folder.resolve("ab.jsonl");

        assertThatThrownBy(() -> spark(3).benchmark(plan, model, output, false, RunListener.SILENT))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("'LONG' under the condition 'baseline' failed");

        assertThat(AbRuns.logLines(output, "answer")).hasSize(2);
        assertThat(AbRuns.logLines(output, "failed")).hasSize(1);
    }

    @Test
    void distillationIsThatOfLemDistill() throws IOException {
        NamedModel model = Nano.model();
        DistillPlan plan = new DistillPlan(
                model.identity(),
                Optional.empty(),
                Nano.probes(3),
                Nano.OPTIONS,
                2,
                new V2Scorer(),
                -100,
                DistillPlan.Keep.ALL,
                true);
        Path alone = folder.resolve("alone.jsonl");
        Path spread = folder.resolve("spread.jsonl");

        try (OnDemandModel loaded = new OnDemandModel(model)) {
            new DistillRunner(plan, loaded, RunListener.SILENT).run(alone, false);
        }
        DistillRunner.Outcome outcome = spark(3).distill(plan, model, spread, false, RunListener.SILENT);

        assertThat(outcome.asked()).isEqualTo(6);
        assertThat(texts(spread)).hasSize(6).isEqualTo(texts(alone));
    }

    private static List<String> texts(Path output) throws IOException {
        return JsonLineReader.readAll(output).stream()
                .filter(line -> "training".equals(line.get("type")))
                .map(line -> String.valueOf(line.get("training")))
                .toList();
    }

    @Test
    void datasetOfPrompts_getsTheAnswersOfTheModelAndTheirScores() throws IOException {
        List<Row> rows = new ArrayList<>();
        rows.add(RowFactory.create("a", "Who are you?", null));
        rows.add(RowFactory.create("b", "Where is the sea?", "Be brief."));
        rows.add(RowFactory.create("c", "word ".repeat(2000), null));
        StructType schema = new StructType()
                .add("id", DataTypes.StringType)
                .add("prompt", DataTypes.StringType)
                .add("system", DataTypes.StringType);
        GenerationOptions options = GenerationOptions.builder().maxTokens(12).build();
        List<String> expected = new ArrayList<>();
        try (LemModel model = Nano.model().load()) {
            expected.add(model.chat(List.of(io.lethean.lem.Message.user("Who are you?")), options)
                    .text());
            expected.add(model.chat(
                            List.of(
                                    io.lethean.lem.Message.system("Be brief."),
                                    io.lethean.lem.Message.user("Where is the sea?")),
                            options)
                    .text());
        }

        for (int partitions : new int[] {1, 2, 3}) {
            Dataset<Row> prompts = session.createDataFrame(rows, schema).repartition(partitions);
            Dataset<Row> answers = spark(1).score(spark(1).answer(prompts, Nano.model(), options), "v2");
            List<Row> answered = answers.orderBy("id").collectAsList();

            assertThat(answered).hasSize(3);
            assertThat(answered.stream().limit(2).map(row -> row.<String>getAs("response")))
                    .isEqualTo(expected);
            assertThat(answered.get(0).<Double>getAs("score")).isNotNull();
            assertThat(answered.get(0).<String>getAs("kernels"))
                    .isEqualTo(Machine.here("cpu").kernels());
            assertThat(answered.get(0).<String>getAs("model_sha256"))
                    .isEqualTo(Nano.model().identity().sha256());
            assertThat(answered.get(2).<String>getAs("response")).isNull();
            assertThat(answered.get(2).<String>getAs("error")).contains("tokens");
            assertThat(answered.get(2).<Double>getAs("score")).isNull();
        }
    }

    @Test
    void datasetWithoutPrompts_isRefusedByName() {
        Dataset<Row> numbers = session.range(3).toDF("number");

        assertThatThrownBy(() -> spark(1).answer(numbers, Nano.model(), Nano.OPTIONS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'prompt'")
                .hasMessageContaining("number");
    }

    @Test
    void parquetHasARowForEachAnswer_withModelAndMachine() throws IOException {
        Path output = folder.resolve("ab.jsonl");
        run(spark(2), output);
        String table = folder.resolve("table").toString();

        assertThat(spark(1).writeParquet(output, "nano", table)).isEqualTo(2 * PROBES);
        assertThat(spark(1).writeParquet(output, "nano", table)).isEqualTo(2 * PROBES);

        List<Row> rows =
                session.read().parquet(table).orderBy("probe", "condition").collectAsList();
        assertThat(rows).hasSize(2 * PROBES);
        Map<?, ?> first = (Map<?, ?>)
                ((Map<?, ?>) JsonLineReader.readAll(output).getFirst().get("conditions")).get("baseline");
        assertThat(rows.getFirst().<String>getAs("response")).isEqualTo(first.get("response"));
        assertThat(rows.getFirst().<Double>getAs("score")).isEqualTo(first.get("lek_score"));
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.<String>getAs("model")).isEqualTo("nano");
            assertThat(row.<String>getAs("model_sha256"))
                    .isEqualTo(Nano.model().identity().sha256());
            assertThat(row.<String>getAs("backend")).isEqualTo("cpu");
            assertThat(row.<String>getAs("kernels"))
                    .isEqualTo(Machine.here("cpu").kernels());
        });
    }

    @Test
    void tableIsCutByItsTexts_andAWriterThatFailsLeavesTheOldOne() throws IOException {
        Path output = folder.resolve("ab.jsonl");
        run(spark(2), output);
        Path table = folder.resolve("table/model=nano");

        new RecordedRows(session, output, 1).write(table.toString());

        try (Stream<Path> files = Files.list(table)) {
            assertThat(files.filter(file -> file.toString().endsWith(".parquet")))
                    .as("a file for each probe")
                    .hasSize(PROBES);
        }
        List<Row> rows = session.read().parquet(table.getParent().toString()).collectAsList();
        assertThat(rows).hasSize(2 * PROBES);
        List<String> lines = new ArrayList<>(Files.readAllLines(output));
        int last = PROBES - 1;
        assertThat(lines.get(last)).contains("\"type\": \"probe\"");
        lines.set(last, lines.get(last).replace("\"conditions\"", "\"conditionz\""));
        Files.write(output, lines);

        assertThatThrownBy(() -> new RecordedRows(session, output, 1).write(table.toString()))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("has a probe without answers");

        assertThat(session.read().parquet(table.getParent().toString()).collectAsList())
                .containsExactlyInAnyOrderElementsOf(rows);
    }

    @Test
    void tableThatCannotBeWritten_isASentence() throws IOException {
        Path output = folder.resolve("ab.jsonl");
        run(spark(2), output);
        Path file = Files.writeString(folder.resolve("file"), "");

        for (String table : List.of(file.toString(), "nowhere://bucket/table")) {
            assertThatThrownBy(() -> spark(1).writeParquet(output, "nano", table))
                    .isInstanceOf(BenchmarkException.class)
                    .hasMessageStartingWith("The table " + table + "/model=nano could not be written: ");
        }
    }
}
