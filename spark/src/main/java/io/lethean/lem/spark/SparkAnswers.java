package io.lethean.lem.spark;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.run.AnswerSource;
import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.RunQuestion;
import io.lethean.lem.spark.AskTask.Questions;
import io.lethean.lem.spark.Executor.Outcome;
import io.lethean.lem.spark.Executor.Result;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * The answers of one model, given by the executors of a Spark application.
 *
 * <p>A call is one Spark job. A task asks few questions, and its answers reach the receiver when it ends, so that a driver
 * that is killed loses what is being generated and nothing else. An executor that is killed loses its present tasks, which
 * Spark starts again elsewhere. Several calls at the same time share the executors: Spark gives a free one to the oldest job.
 */
final class SparkAnswers implements AnswerSource {

    private static final int MOST_TASKS = 10_000;

    private final LemSpark spark;
    private final NamedModel model;
    private final ModelIdentity identity;

    SparkAnswers(LemSpark spark, NamedModel model, ModelIdentity identity) {
        this.spark = spark;
        this.model = model;
        this.identity = identity;
    }

    @Override
    public void ask(List<RunQuestion> questions, Receiver receiver) throws IOException {
        if (!questions.isEmpty()) {
            new Call(sortedByCondition(questions), receiver).run();
        }
    }

    /** Next to each other: questions with the same kernel, so that an executor evaluates it once. */
    private static List<RunQuestion> sortedByCondition(List<RunQuestion> questions) {
        Map<String, Integer> order = new HashMap<>();
        questions.forEach(question -> order.putIfAbsent(question.condition(), order.size()));
        return questions.stream()
                .sorted(Comparator.comparing(question -> order.get(question.condition())))
                .toList();
    }

    /** How many tasks a job has: one for each question, unless there are very many or the settings say otherwise. */
    private int tasks(int questions) {
        return Math.clamp(spark.settings().tasks().orElse(MOST_TASKS), 1, questions);
    }

    /** What the thread of the Spark job tells the thread that writes. */
    private sealed interface News {

        /** A task has ended. */
        record Arrived(byte[] result) implements News {}

        /** The job has ended. */
        record Ended(@Nullable Throwable failure) implements News {}
    }

    /** Ends a job that still runs. */
    private interface Cancelled extends AutoCloseable {
        @Override
        void close();
    }

    /** One Spark job. */
    private final class Call {
        private final List<RunQuestion> questions;
        private final Receiver receiver;
        private final BlockingQueue<News> news = new LinkedBlockingQueue<>();
        private final String group = "lem-" + UUID.randomUUID();
        private final JavaSparkContext context = spark.context();
        private int answered;
        private int failures;
        private @Nullable BenchmarkException firstFailure;

        Call(List<RunQuestion> questions, Receiver receiver) {
            this.questions = questions;
            this.receiver = receiver;
        }

        void run() throws IOException {
            Optional<Machine> expected =
                    spark.settings().mixed() ? Optional.empty() : Optional.of(spark.kind(model, receiver.machines()));
            spark.compareSlots(model, Math.ceilDiv(questions.size(), tasks(questions.size())));
            try (Shared<AskJob> job = Shared.of(context, AskJob.class, AskJob.of(model, identity, expected));
                    Shared<Questions> asked = Shared.of(context, Questions.class, new Questions(questions));
                    // Closing it waits for the job's end.
                    ExecutorService thread = Executors.newSingleThreadExecutor(
                            Thread.ofPlatform().daemon().name(group).factory());
                    Cancelled _ = this::cancel) {
                thread.execute(() -> submit(new AskTask(job.broadcast(), asked.broadcast())));
                receive();
            }
        }

        private void cancel() {
            Shared.unlessStopped(context.sc(), () -> context.sc().cancelJobGroup(group));
        }

        private void submit(AskTask task) {
            Throwable failure = null;
            try {
                SparkContext sc = context.sc();
                sc.setJobGroup(group, "LEM: " + model.name() + ", " + questions.size() + " questions", true);
                JavaRDD<Integer> indices = context.parallelize(
                        IntStream.range(0, questions.size()).boxed().toList(), tasks(questions.size()));
                sc.runJob(indices.rdd(), task, new Handler(news), ClassTag$.MODULE$.apply(byte[].class));
            } catch (Throwable failed) { // Anything that ends the job must end the waiting, too.
                failure = failed;
            } finally {
                news.add(new News.Ended(failure));
            }
        }

        private void receive() throws IOException {
            ExecutorWatch watch = spark.watch();
            try {
                while (true) {
                    switch (news.poll(ExecutorWatch.INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                        case null -> watch.look();
                        case News.Arrived(byte[] bytes) -> {
                            watch.progressed();
                            write(Portable.read(Result.class, bytes));
                        }
                        case News.Ended(Throwable failure) -> {
                            end(failure);
                            return;
                        }
                    }
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new BenchmarkException("The driver was interrupted; " + resumed());
            }
        }

        private void write(Result result) throws IOException {
            if (!result.refusal().isEmpty()) {
                throw new BenchmarkException(result.refusal() + " " + capitalized(resumed()));
            }
            for (Outcome outcome : result.outcomes()) {
                RunQuestion question = questions.get(outcome.index());
                if (outcome.answer().isPresent()) {
                    receiver.answered(question, outcome.answer().get());
                    answered++;
                } else {
                    fail(question, outcome.failure().orElseThrow());
                }
            }
        }

        /** The receiver writes the failure down; the other questions are asked first. */
        private void fail(RunQuestion question, RuntimeException cause) throws IOException {
            try {
                receiver.failed(question, cause);
                answered++;
            } catch (BenchmarkException failed) {
                failures++;
                firstFailure = firstFailure == null ? failed : firstFailure;
            }
        }

        private void end(@Nullable Throwable failure) {
            if (failure != null) {
                throw new BenchmarkException(SparkFault.sentence(failure) + " " + capitalized(resumed()), failure);
            }
            if (firstFailure != null) {
                throw failures == 1
                        ? firstFailure
                        : new BenchmarkException(
                                String.format(
                                        Locale.ROOT,
                                        "%d questions have no answer. The first: %s",
                                        failures,
                                        firstFailure.getMessage()),
                                firstFailure);
            }
        }

        private String resumed() {
            return String.format(
                    Locale.ROOT,
                    "%d of %d questions were answered now; start the same run again to resume.",
                    answered,
                    questions.size());
        }

        private static String capitalized(String sentence) {
            return sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1);
        }
    }

    /** Called by Spark's scheduler, which must not wait: for each task, once, with the result of its first success. */
    private static final class Handler extends AbstractFunction2<Object, byte[], BoxedUnit> {
        private final BlockingQueue<News> news;

        Handler(BlockingQueue<News> news) {
            this.news = news;
        }

        @Override
        public BoxedUnit apply(Object task, byte[] result) {
            news.add(new News.Arrived(result));
            return BoxedUnit.UNIT;
        }
    }
}
