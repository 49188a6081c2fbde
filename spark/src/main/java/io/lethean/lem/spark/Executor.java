package io.lethean.lem.spark;

import io.lethean.lem.LemException;
import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.run.AnswerSource;
import io.lethean.lem.evaluation.run.LocalAnswers;
import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.evaluation.run.RunQuestion;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;

/** What the JVM of an executor does: it checks itself, loads the model once, and asks. */
final class Executor {

    private static final Pattern LOCAL = Pattern.compile("local\\[\\s*(\\d+|\\*)\\s*(?:,.*)?]");
    private static final Map<String, Machine> MACHINES = new HashMap<>();

    private Executor() {}

    /**
     * A question's answer, or the fault that kept it from being answered.
     *
     * @param index of the question in the job
     */
    record Outcome(int index, Optional<RecordedAnswer> answer, Optional<RuntimeException> failure) {}

    /** A machine, a file or a Java that cannot answer; asking again on the same executor would not help. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        Refusal(String fault) {
            super(fault);
        }
    }

    /** Answers questions with the job's model. */
    static List<Outcome> ask(AskJob job, List<RunQuestion> questions, List<Integer> indices) throws Refusal {
        Machine machine = machine(job.device());
        requireExpected(job, machine);
        try (ModelHolder.Lease lease = acquire(job)) {
            String difference = ModelHolder.difference(job.identity(), lease.identity());
            if (difference != null) {
                throw new Refusal(String.format(
                        Locale.ROOT,
                        "%s has another model at %s: %s. Copy the driver's file there.",
                        name(),
                        job.model().file(),
                        difference));
            }
            Collected collected = new Collected(questions, indices, machine);
            new LocalAnswers(lease::model).ask(questions, collected);
            return collected.outcomes;
        } catch (IOException unreadable) {
            throw new Refusal(name() + " cannot use the model " + job.model().file() + ": " + unreadable.getMessage());
        }
    }

    private static void requireExpected(AskJob job, Machine machine) throws Refusal {
        if (job.expected().isPresent() && !machine.answersAs(job.expected().get())) {
            throw new Refusal(mix(job.expected().get(), machine));
        }
    }

    static String mix(Machine expected, Machine found) {
        return String.format(
                Locale.ROOT,
                "%s computes with %s, and earlier answers of this run were computed by %s; the last bits of answers would"
                        + " depend on where a question was asked. Use machines of one kind, or allow a mix.",
                name(),
                found.described(),
                expected.described());
    }

    private static ModelHolder.Lease acquire(AskJob job) throws Refusal, IOException {
        NamedModel named = located(job.model());
        try {
            return ModelHolder.acquire(named);
        } catch (LemException | IllegalArgumentException refused) {
            throw new Refusal(name() + " cannot load " + named.file() + ": " + refused.getMessage());
        }
    }

    /** The model with its file on this machine, and with as many threads as the executor has cores unless they are given. */
    private static NamedModel located(NamedModel model) throws Refusal {
        Path file = model.file();
        if (!Files.exists(file)) {
            file = Path.of(SparkFiles.get(file.getFileName().toString()));
        }
        if (!Files.exists(file)) {
            throw new Refusal(String.format(
                    Locale.ROOT,
                    "%s has no model %s. Every machine needs the file at this path; copy it there, or let Spark do so with"
                            + " spark.files.",
                    name(),
                    model.file()));
        }
        ModelOptions options = model.options();
        if (options.compute().threads() == 0) {
            options = options.toBuilder().threads(cores()).build();
        }
        return new NamedModel(model.name(), file, model.adapters(), options);
    }

    private static int cores() {
        int present = Runtime.getRuntime().availableProcessors();
        return Math.max(1, Math.min(present, cores(SparkEnv.get().conf(), present)));
    }

    /** The cores of an executor: Spark's setting, or the number of a local master. */
    static int cores(SparkConf conf, int present) {
        Matcher local = LOCAL.matcher(conf.get("spark.master", ""));
        if (local.matches()) {
            return local.group(1).equals("*") ? present : Integer.parseInt(local.group(1));
        }
        return conf.get("spark.master", "").equals("local") ? 1 : conf.getInt("spark.executor.cores", present);
    }

    /** This machine, which is found out once. */
    static Machine machine(String device) throws Refusal {
        Optional<String> fault = JavaVersions.fault(Runtime.version(), name());
        if (fault.isPresent()) {
            throw new Refusal(fault.get());
        }
        synchronized (MACHINES) {
            Machine machine = MACHINES.get(device);
            if (machine == null) {
                try {
                    machine = Machine.here(device);
                } catch (IOException | LemException failed) {
                    throw new Refusal(name() + " cannot load LEM's native libraries: " + failed.getMessage());
                }
                MACHINES.put(device, machine);
            }
            return machine;
        }
    }

    /** This executor, in messages. */
    static String name() {
        SparkEnv env = SparkEnv.get();
        return env == null
                ? "This process"
                : String.format(
                        Locale.ROOT,
                        "Executor %s at %s",
                        env.executorId(),
                        env.blockManager().blockManagerId().host());
    }

    private static boolean isKilled() {
        TaskContext task = TaskContext.get();
        return task != null && task.isInterrupted();
    }

    /** Keeps the answers for the driver. */
    private static final class Collected implements AnswerSource.Receiver {
        private final Map<RunQuestion, Integer> indexOf = new HashMap<>();
        private final Machine machine;
        private final List<Outcome> outcomes = new ArrayList<>();

        Collected(List<RunQuestion> questions, List<Integer> indices, Machine machine) {
            for (int i = 0; i < questions.size(); i++) {
                indexOf.put(questions.get(i), indices.get(i));
            }
            this.machine = machine;
        }

        private int index(RunQuestion question) {
            return Objects.requireNonNull(indexOf.get(question));
        }

        @Override
        public void started(RunQuestion question) {}

        @Override
        public void answered(RunQuestion question, RecordedAnswer answer) {
            outcomes.add(new Outcome(index(question), Optional.of(answer.withMachine(machine)), Optional.empty()));
        }

        @Override
        public void failed(RunQuestion question, RuntimeException cause) {
            outcomes.add(new Outcome(index(question), Optional.empty(), Optional.of(cause)));
        }

        @Override
        public Optional<Machine> machine() {
            return Optional.of(machine);
        }

        @Override
        public BenchmarkException cancelled(RunQuestion question) {
            if (isKilled()) {
                throw new TaskKilledException();
            }
            return new BenchmarkException(name() + " was interrupted.");
        }
    }

    /**
     * What a task sends to the driver.
     *
     * @param refusal why the executor cannot answer; empty if it answered
     */
    record Result(List<Outcome> outcomes, String refusal) {}
}
