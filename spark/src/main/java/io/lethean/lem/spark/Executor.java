package io.lethean.lem.spark;

import io.lethean.lem.LemException;
import io.lethean.lem.adapter.AdapterUse;
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
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;

/** What the JVM of an executor does: it checks itself, loads the model once, and asks. */
final class Executor {

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
            return ModelHolder.SHARED.acquire(named);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw interrupted();
        } catch (LemException | IllegalArgumentException refused) {
            throw new Refusal(name() + " cannot load " + named.file() + ": " + refused.getMessage());
        }
    }

    /** The model with its files on this machine, and with as many threads as the executor has cores unless they are given. */
    static NamedModel located(NamedModel model) throws Refusal {
        List<AdapterUse> adapters = new ArrayList<>();
        for (AdapterUse adapter : model.adapters()) {
            adapters.add(new AdapterUse(located("adapter", adapter.path()), adapter.weight()));
        }
        ModelOptions options = model.options();
        if (options.compute().threads() == 0) {
            options = options.toBuilder().threads(cores()).build();
        }
        return new NamedModel(model.name(), located("model", model.file()), adapters, options);
    }

    private static Path located(String what, Path file) throws Refusal {
        if (Files.exists(file)) {
            return file;
        }
        Path sent = Path.of(SparkFiles.get(file.getFileName().toString()));
        if (Files.exists(sent)) {
            return sent;
        }
        throw new Refusal(String.format(
                Locale.ROOT,
                "%s has no %s %s. Every machine needs the file at this path; copy it there, or let Spark do so with"
                        + " spark.files.",
                name(),
                what,
                file));
    }

    private static int cores() {
        int present = Runtime.getRuntime().availableProcessors();
        return Math.clamp(Slots.cores(SparkEnv.get().conf(), present).orElse(present), 1, present);
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

    /** @throws TaskKilledException if Spark interrupted this task, which nobody waits for */
    private static BenchmarkException interrupted() {
        TaskContext task = TaskContext.get();
        if (task != null && task.isInterrupted()) {
            throw new TaskKilledException();
        }
        return new BenchmarkException(name() + " was interrupted.");
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
        public List<Machine> machines() {
            return List.of(machine);
        }

        @Override
        public BenchmarkException cancelled(RunQuestion question) {
            return interrupted();
        }
    }

    /**
     * What a task sends to the driver.
     *
     * @param refusal why the executor cannot answer; empty if it answered
     */
    record Result(List<Outcome> outcomes, String refusal) {}
}
