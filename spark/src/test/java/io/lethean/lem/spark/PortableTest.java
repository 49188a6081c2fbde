package io.lethean.lem.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Message;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.RunQuestion;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GpuLayers;
import io.lethean.lem.model.KvType;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.spark.AskTask.Questions;
import io.lethean.lem.spark.Executor.Outcome;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

/** What travels between machines arrives as it was; and what is decided without a cluster. */
class PortableTest {

    @Test
    void everyOptionOfAnswersAndModels_arrives() {
        GenerationOptions options = GenerationOptions.builder()
                .maxTokens(3)
                .temperature(0.25)
                .seed(Long.MAX_VALUE)
                .stop(List.of("\n", "\uD83D\uDE00"))
                .grammar("root ::= \"a\"")
                .logprobs(2)
                .timeLimit(Duration.ofMillis(1500))
                .logitBias(Map.of(3, -1.5))
                .adapters(List.of(new AdapterUse(Path.of("a/b.gguf"), 0.5f)))
                .promptLookup(true)
                .build();
        ModelOptions loading = ModelOptions.builder()
                .contextTokens(512)
                .gpuLayers(GpuLayers.of(3))
                .kvTypeK(KvType.Q8_0)
                .parallel(3)
                .mmap(false)
                .build();
        NamedModel model =
                new NamedModel("m", Path.of("/models/m.gguf"), List.of(AdapterUse.of(Path.of("x"))), loading);
        AskJob job = new AskJob(
                model, new ModelIdentity("m", "ab", "llama.cpp 1"), Optional.of(new Machine("cpu", "k 1", "p", "h")));
        Questions questions = new Questions(
                List.of(new RunQuestion(4, "P4", "kind", List.of(Message.system("s"), Message.user("u")), options)));

        AskJob arrived = Portable.read(AskJob.class, Portable.write(job));

        assertThat(Portable.read(Questions.class, Portable.write(questions))).isEqualTo(questions);
        assertThat(arrived.identity()).isEqualTo(job.identity());
        assertThat(arrived.expected()).isEqualTo(job.expected());
        assertThat(arrived.model().file()).isEqualTo(model.file());
        assertThat(arrived.model().adapters()).isEqualTo(model.adapters());
        assertThat(arrived.model().options().context()).isEqualTo(loading.context());
        assertThat(arrived.model().options().compute()).isEqualTo(loading.compute());
        assertThat(arrived.model().options().progress().onProgress(0.5)).isTrue();
    }

    @Test
    void failureArrivesWithItsNumbers() {
        Outcome outcome = new Outcome(
                2, Optional.empty(), Optional.of(new ContextOverflowException("It is too long.", 900, 512)));

        Outcome arrived = Portable.read(Outcome.class, Portable.write(outcome));

        assertThat(arrived.index()).isEqualTo(2);
        assertThat(arrived.failure().orElseThrow())
                .isInstanceOfSatisfying(
                        ContextOverflowException.class,
                        tooLong -> assertThat(tooLong.promptTokens()).isEqualTo(900));
    }

    @Test
    void textThatManyQuestionsShare_travelsOnce() {
        String kernel = "k".repeat(100_000);
        List<RunQuestion> questions = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            questions.add(new RunQuestion(
                    i, "P" + i, "lek", List.of(Message.system(kernel), Message.user("?")), Nano.OPTIONS));
        }

        assertThat(Portable.write(new Questions(questions)).length).isLessThan(150_000);
    }

    @Test
    void whatCannotTravel_isNamed() {
        assertThatThrownBy(() -> Portable.write(new Thread()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("java.lang.Thread");
    }

    @Test
    void olderJava_isASentence() {
        assertThat(JavaVersions.fault(Runtime.Version.parse("25.0.2"), "Executor 3 at host-7"))
                .hasValueSatisfying(sentence -> assertThat(sentence)
                        .contains("Executor 3 at host-7 runs Java 25.0.2")
                        .contains("25.0.3 or later")
                        .contains("JDK-8377811"));
        assertThat(JavaVersions.fault(Runtime.Version.parse("25.0.3+9"), "x")).isEmpty();
        assertThat(JavaVersions.fault(Runtime.Version.parse("26"), "x")).isEmpty();
    }

    @Test
    void filesOfAJob_areAbsolute_andItsIdentityKeepsItsName() {
        NamedModel model = new NamedModel(
                "m", Path.of("m.gguf"), List.of(new AdapterUse(Path.of("a"), 0.5f)), ModelOptions.defaults());

        AskJob job = AskJob.of(model, new ModelIdentity("m.gguf + a", "ab", "llama.cpp 1"), Optional.empty());

        assertThat(job.model().file()).isEqualTo(Path.of("m.gguf").toAbsolutePath());
        assertThat(job.model().adapters())
                .containsExactly(new AdapterUse(Path.of("a").toAbsolutePath(), 0.5f));
        assertThat(job.identity().name()).isEqualTo("m.gguf + a");
    }

    @Test
    void coresOfAnExecutor_areThoseThatSparkGivesIt() {
        assertThat(Slots.cores(conf("spark.master", "local[3]"), 8)).hasValue(3);
        assertThat(Slots.cores(conf("spark.master", "local[*]"), 8)).hasValue(8);
        assertThat(Slots.cores(conf("spark.master", "local[2,4]"), 8)).hasValue(2);
        assertThat(Slots.cores(conf("spark.master", "local"), 8)).hasValue(1);
        assertThat(Slots.cores(conf("spark.master", "spark://h:7077", "spark.executor.cores", "4"), 8))
                .hasValue(4);
        assertThat(Slots.cores(conf("spark.master", "spark://h:7077"), 8)).isEmpty();
        assertThat(Slots.cores(conf("spark.master", "yarn"), 8)).hasValue(1);
        assertThat(Slots.cores(conf("spark.master", "k8s://https://h:443"), 8)).hasValue(1);
        assertThat(Slots.cores(conf("spark.master", "yarn", "spark.executor.cores", "4"), 8))
                .hasValue(4);
    }

    @Test
    void tasksAndSequencesThatDoNotMatch_areTold() {
        assertThat(Slots.mismatch(conf("spark.master", "local[8]"), 8, 1, 1))
                .hasValueSatisfying(sentence -> assertThat(sentence)
                        .startsWith("The task slots of an executor (8) are more than")
                        .contains("(parallel, 1), so tasks wait."));
        assertThat(Slots.mismatch(conf("spark.master", "spark://h:1", "spark.executor.cores", "1"), 8, 4, 1))
                .hasValueSatisfying(sentence -> assertThat(sentence)
                        .startsWith("The task slots of an executor (1) are fewer than")
                        .contains("(parallel, 4), so sequences of the model are idle."));
        assertThat(Slots.mismatch(conf("spark.master", "yarn"), 8, 2, 1)).isPresent();
        assertThat(Slots.mismatch(conf("spark.master", "local[4]", "spark.task.cpus", "2"), 8, 2, 1))
                .isEmpty();
        assertThat(Slots.mismatch(conf("spark.master", "local[2]"), 8, 2, 1)).isEmpty();
        assertThat(Slots.mismatch(conf("spark.master", "yarn"), 8, 4, 10))
                .as("tasks of ten questions")
                .isEmpty();
        assertThat(Slots.mismatch(conf("spark.master", "spark://h:1"), 8, 4, 1))
                .as("all cores of a worker")
                .isEmpty();
    }

    @Test
    void resultsOfAWholeJob_areNotLimitedUnlessTheUserSaysSo() {
        SparkConf unset = conf("spark.master", "local[2]");
        SparkConf set = conf("spark.master", "local[2]", "spark.driver.maxResultSize", "2g");

        SparkProvider.prepare(unset);
        SparkProvider.prepare(set);

        assertThat(unset.get("spark.driver.maxResultSize")).isEqualTo("0");
        assertThat(set.get("spark.driver.maxResultSize")).isEqualTo("2g");
    }

    @Test
    void clusterWithoutExecutors_isToldAfterAMinuteAndThenEveryFive() {
        AtomicLong seconds = new AtomicLong(1000);
        AtomicBoolean busy = new AtomicBoolean();
        List<String> told = new ArrayList<>();
        ExecutorWatch watch = new ExecutorWatch(
                busy::get,
                ExecutorWatch.asked(conf(
                        "spark.master", "spark://h:7077", "spark.executor.cores", "8", "spark.executor.memory", "3g")),
                Notices.to(told::add),
                () -> seconds.get() * 1_000_000_000L);
        List<Long> when = new ArrayList<>();
        for (int second = 0; second <= 700; second++, seconds.incrementAndGet()) {
            int before = told.size();
            watch.look();
            if (told.size() > before) {
                when.add(seconds.get() - 1000);
            }
        }

        assertThat(when).containsExactly(60L, 360L, 660L);
        assertThat(told.getFirst())
                .contains("No executor has run a task for 60 seconds")
                .contains("the master spark://h:7077 for executors with 8 cores and 3g of memory");

        busy.set(true);
        watch.look();
        busy.set(false);
        seconds.addAndGet(59);
        watch.look();
        assertThat(told).as("59 seconds after a task").hasSize(3);
        watch.progressed();
        seconds.addAndGet(59);
        watch.look();
        assertThat(told).as("59 seconds after an answer").hasSize(3);
        seconds.addAndGet(1);
        watch.look();
        assertThat(told).hasSize(4);
    }

    private static SparkConf conf(String... pairs) {
        SparkConf conf = new SparkConf(false);
        for (int i = 0; i < pairs.length; i += 2) {
            conf.set(pairs[i], pairs[i + 1]);
        }
        return conf;
    }

    @Test
    void sparksFailures_areSentences() {
        assertThat(SparkFault.sentence(new SparkException(
                        "Job aborted due to stage failure: Task 0 in stage 0.0 failed 4 times, most recent failure: Lost task"
                                + " 0.3 in stage 0.0 (TID 3) (host-7 executor 2): java.lang.UnsupportedClassVersionError:"
                                + " io/lethean/lem/spark/AskTask\n\tat x")))
                .startsWith("Executor 2 at host-7 runs an older Java than 25");
        assertThat(SparkFault.sentence(
                        new RuntimeException(new ClassNotFoundException("io.lethean.lem.spark.AskTask"))))
                .startsWith("An executor does not have the jars of LEM");
        assertThat(SparkFault.sentence(new RuntimeException("Job aborted due to stage failure\n\tat a.b.C")))
                .isEqualTo("Spark ended the job: Job aborted due to stage failure.");
    }
}
