package io.lethean.lem.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbResult;
import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.RunListener;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real master with a worker that starts two executors, each a JVM with the model of its own. */
@Tag("spark")
class StandaloneSparkIT {

    private static final int PROBES = 20;

    @TempDir
    private static Path folder;

    private static Standalone cluster;
    private static SparkSession session;
    private static List<String> local;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        local = Nano.local(Nano.model(), PROBES, folder.resolve("local.jsonl"));
        cluster = new Standalone(folder);
        String master = cluster.start(2);
        Map<String, String> settings = new HashMap<>(cluster.settings(2));
        // Both executors are there before the first question.
        settings.put("spark.scheduler.minRegisteredResourcesRatio", "1.0");
        settings.put("spark.scheduler.maxRegisteredResourcesWaitingTime", "300s");
        session = Nano.session(master, settings);
    }

    @AfterAll
    static void stop() {
        if (session != null) {
            session.stop();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    private static AbResult run(String name, RunListener listener) throws IOException {
        NamedModel model = Nano.model();
        AbPlan plan = Nano.benchmark(PROBES, model).plan(model);
        return new LemSpark(session, SparkSettings.defaults())
                .benchmark(plan, model, folder.resolve(name), false, listener);
    }

    /** The process of an executor, and how often it has loaded a model. */
    private static final class Loads implements Function<Integer, String>, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public String call(Integer task) throws InterruptedException {
            Thread.sleep(200);
            return ProcessHandle.current().pid() + " " + ModelHolder.SHARED.loads();
        }
    }

    @Test
    void twoExecutors_giveTheAnswersOfLemBenchmark_andLoadTheModelOnceEach() throws IOException {
        AbResult result = run("two.jsonl", RunListener.SILENT);

        assertThat(result.asked()).isEqualTo(2 * PROBES);
        assertThat(AbRuns.timeless(folder.resolve("two.jsonl"))).isEqualTo(local);
        List<String> loads = JavaSparkContext.fromSparkContext(session.sparkContext())
                .parallelize(IntStream.range(0, 8).boxed().toList(), 8)
                .map(new Loads())
                .distinct()
                .collect();
        assertThat(loads).hasSize(2).allSatisfy(load -> assertThat(load).endsWith(" 1"));
    }

    @Test
    void modelThatIsNamedByARelativePath_isFoundByExecutorsInOtherFolders() throws IOException {
        NamedModel relative =
                new NamedModel("nano", Nano.FILE, List.of(), Nano.model().options());
        AbPlan plan = Nano.benchmark(1, relative).plan(relative);
        LemSpark spark = new LemSpark(session, SparkSettings.defaults());

        AbResult result = spark.benchmark(plan, relative, folder.resolve("relative.jsonl"), false, RunListener.SILENT);
        List<Row> answers = spark.answer(
                        session.range(1).selectExpr("'Who are you?' AS prompt"), relative, Nano.OPTIONS)
                .collectAsList();

        assertThat(relative.file()).isRelative();
        assertThat(result.asked()).isEqualTo(2);
        assertThat(plan.model().name()).isEqualTo(Nano.FILE.toString());
        assertThat(answers.getFirst().<String>getAs("response")).isNotBlank();
    }

    @Test
    void executorThatIsKilledInTheMiddle_changesNoRow() throws IOException {
        AtomicInteger answeredAtTheKill = new AtomicInteger();

        AbResult result = run("killed.jsonl", new RunListener() {
            @Override
            public void answered(Answered answer) {
                if (answer.done() == 4) {
                    List<ProcessHandle> executors = cluster.executors();
                    assertThat(executors).hasSize(2);
                    assertThat(executors.getFirst().destroyForcibly()).isTrue();
                    answeredAtTheKill.set(answer.done());
                }
            }
        });

        assertThat(answeredAtTheKill.get()).isEqualTo(4);
        assertThat(result.asked()).isEqualTo(2 * PROBES);
        assertThat(AbRuns.timeless(folder.resolve("killed.jsonl"))).isEqualTo(local);
        assertThat(AbRuns.logLines(folder.resolve("killed.jsonl"), "answer")).hasSize(2 * PROBES);
    }
}
