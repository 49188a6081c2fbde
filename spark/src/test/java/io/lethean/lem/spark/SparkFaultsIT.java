package io.lethean.lem.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbResult;
import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.run.AnswerCluster;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.RunListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user reads when a cluster cannot do what it is asked; each test has an application of its own. */
@Tag("spark")
class SparkFaultsIT {

    private static final int PROBES = 20;
    private static final Map<String, String> LOOPBACK = Map.of(
            "spark.ui.enabled", "false", "spark.driver.host", "127.0.0.1", "spark.driver.bindAddress", "127.0.0.1");

    @TempDir
    private static Path shared;

    private static Standalone cluster;
    private static String master;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        cluster = new Standalone(shared);
        master = cluster.start(2);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static AbResult run(LemSpark spark, Path output, RunListener listener) throws IOException {
        NamedModel model = Nano.model();
        AbPlan plan = Nano.benchmark(PROBES, model).plan(model);
        return spark.benchmark(plan, model, output, false, listener);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void executorsWithoutOurJars_areASentenceThatNamesOne(boolean mixed) throws IOException {
        Map<String, String> settings = new HashMap<>(cluster.settings(1));
        settings.remove("spark.executor.extraClassPath");
        try (SparkSession session = Nano.session(master, settings)) {
            LemSpark spark = new LemSpark(session, new SparkSettings(mixed, OptionalInt.empty()));

            assertThatThrownBy(() -> run(spark, folder.resolve("ab.jsonl"), RunListener.SILENT))
                    .isInstanceOf(BenchmarkException.class)
                    .hasMessageMatching("Executor \\d+ at 127\\.0\\.0\\.1 does not have the jars of LEM; name them by"
                            + " spark\\.jars, .*");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void clusterThatHasNoSuchExecutor_isToldWhileTheRunWaits(boolean mixed) throws Exception {
        Map<String, String> settings = new HashMap<>(cluster.settings(8));
        settings.put("spark.executor.cores", "8");
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        try (ExecutorService thread = Executors.newSingleThreadExecutor();
                SparkSession session = Nano.session(master, settings)) {
            LemSpark spark = new LemSpark(
                    session,
                    new SparkSettings(mixed, OptionalInt.empty()),
                    new Notices(told::add, Duration.ofSeconds(2), Duration.ofSeconds(1)));
            Future<AbResult> run = thread.submit(() -> run(spark, folder.resolve("ab.jsonl"), RunListener.SILENT));

            for (int time = 0; time < 2; time++) {
                String sentence = told.poll(60, TimeUnit.SECONDS);
                if (sentence != null && sentence.startsWith("The task slots")) {
                    sentence = told.poll(60, TimeUnit.SECONDS);
                }
                assertThat(sentence)
                        .startsWith("No executor has run a task for ")
                        .contains("asks the master " + master + " for executors with 8 cores and 512m of memory;");
            }
            assertThat(run.isDone()).isFalse();
            session.stop();
            assertThatThrownBy(() -> run.get(60, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(BenchmarkException.class)
                    .hasMessageStartingWith("The Spark application was stopped before the job was complete.");
        }
    }

    /** Keeps the later half of the questions from being asked, so that the stop cannot come too late. */
    public static final class HalfOfTheTasks implements SparkPlugin {

        @Override
        public @Nullable DriverPlugin driverPlugin() {
            return null;
        }

        @Override
        public ExecutorPlugin executorPlugin() {
            return new ExecutorPlugin() {
                @Override
                public void onTaskStart() {
                    if (TaskContext.getPartitionId() < PROBES) {
                        return;
                    }
                    try {
                        Thread.sleep(Duration.ofMinutes(10));
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                }
            };
        }
    }

    @Test
    void applicationThatIsStoppedInTheMiddle_isASentenceWithWhatWasAnswered_andTheRunResumes() throws IOException {
        Path output = folder.resolve("ab.jsonl");
        try (SparkSession session = Nano.session("local[2]", Map.of("spark.plugins", HalfOfTheTasks.class.getName()))) {
            LemSpark spark = new LemSpark(session, SparkSettings.defaults());

            assertThatThrownBy(() -> run(spark, output, new RunListener() {
                        @Override
                        public void answered(Answered answer) {
                            if (answer.done() == 1) {
                                session.stop();
                            }
                        }
                    }))
                    .isInstanceOf(BenchmarkException.class)
                    .hasMessageMatching(
                            "The Spark application was stopped before the job was complete\\. \\d+ of 40 questions"
                                    + " were answered now; start the same run again to resume\\.");
        }
        int kept = AbRuns.logLines(output, "answer").size();
        assertThat(kept).isBetween(1, PROBES);

        try (SparkSession session = Nano.session("local[2]", Map.of())) {
            AbResult result = run(new LemSpark(session, SparkSettings.defaults()), output, RunListener.SILENT);

            assertThat(result.asked()).isEqualTo(2 * PROBES - kept);
        }
        assertThat(AbRuns.timeless(output)).isEqualTo(Nano.local(Nano.model(), PROBES, folder.resolve("local.jsonl")));
    }

    @Test
    void applicationThatIsStoppedByTheLastAnswer_isNoFailure() throws IOException {
        try (SparkSession session = Nano.session("local[2]", Map.of())) {
            AbResult result =
                    run(new LemSpark(session, SparkSettings.defaults()), folder.resolve("ab.jsonl"), new RunListener() {
                        @Override
                        public void answered(Answered answer) {
                            if (answer.done() == answer.answers()) {
                                session.stop();
                            }
                        }
                    });

            assertThat(result.asked()).isEqualTo(2 * PROBES);
        }
    }

    @Test
    void masterThatIsMisspelled_isASentenceOfTheCommand() {
        assertThatThrownBy(() -> new SparkProvider()
                        .open(new AnswerCluster.Settings("localhost:7077", LOOPBACK, false))
                        .close())
                .isInstanceOf(BenchmarkException.class)
                .hasMessageStartingWith("Spark could not be started with the master localhost:7077: ")
                .hasMessageContaining("A master is named as local[2], spark://host:7077,");
    }

    @Test
    void masterThatIsMisspelled_isASentenceOfTheProgram() {
        SparkConf conf = new SparkConf(false).setMaster("localhost:7077");
        LOOPBACK.forEach(conf::set);
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        int code = BenchmarkMain.run(
                new PrintStream(OutputStream.nullOutputStream()),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                conf,
                "--model",
                "nano=" + Nano.FILE,
                "--prompts",
                "seeds/P01-P20.json",
                "--output",
                folder.toString());

        assertThat(code).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .startsWith("lem: Spark could not be started with the master localhost:7077: ");
    }

    @Test
    void sentencesOfTheDriver_areToldOnce() throws IOException {
        List<String> told = new ArrayList<>();
        try (SparkSession session = Nano.session("local[2]", Map.of())) {
            LemSpark spark = new LemSpark(session, SparkSettings.defaults(), Notices.to(told::add));

            spark.benchmark(
                    Nano.benchmark(2, Nano.model().withName("a"), Nano.model().withName("b")),
                    folder,
                    false,
                    model -> RunListener.SILENT);
        }

        assertThat(told).singleElement().asString().startsWith("The task slots of an executor (2) are more than");
    }
}
