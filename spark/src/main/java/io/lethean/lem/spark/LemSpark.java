package io.lethean.lem.spark;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbResult;
import io.lethean.lem.evaluation.ab.AbRunner;
import io.lethean.lem.evaluation.distill.DistillPlan;
import io.lethean.lem.evaluation.distill.DistillRunner;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.AnswerSource;
import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.spark.Portable.Box;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Language models on the executors of a Spark application.
 *
 * <p>Each executor loads a model once, from the same path on every machine, and keeps it until another model is needed or the
 * application ends. An answer depends on its prompt, its options and the model's {@code parallel} alone, so neither the
 * number of partitions nor a task that Spark starts twice changes it. Executors that would compute other bits are refused
 * unless {@link SparkSettings#mixed()} allows them.
 *
 * <p>Safe for use by several threads. The session stays the caller's.
 */
public final class LemSpark {

    /** Enough to fill places at the end of a model; each holds its questions in memory. */
    private static final int MODELS_AT_ONCE = 3;

    private static final System.Logger LOG = System.getLogger(LemSpark.class.getName());

    private final SparkSession session;
    private final JavaSparkContext context;
    private final SparkSettings settings;
    private final Notices notices;
    private final MachineKinds kinds = new MachineKinds();
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    /**
     * LEM in a Spark application.
     *
     * @param session the application; needs the jars of LEM on its executors
     * @param settings how questions are spread
     * @throws BenchmarkException if this process runs a Java that Spark and LEM cannot run on together
     */
    public LemSpark(SparkSession session, SparkSettings settings) {
        this(session, settings, Notices.to(sentence -> LOG.log(Level.WARNING, sentence)));
    }

    LemSpark(SparkSession session, SparkSettings settings, Notices notices) {
        JavaVersions.require(Runtime.version(), "This process");
        this.session = session;
        this.settings = settings;
        this.notices = notices;
        this.context = JavaSparkContext.fromSparkContext(session.sparkContext());
        if (session.sparkContext().isLocal()) {
            session.sparkContext().addSparkListener(new Release());
        }
    }

    /** In a local application the models are in this process, which may live on. */
    private static final class Release extends SparkListener {
        @Override
        public void onApplicationEnd(SparkListenerApplicationEnd end) {
            ModelHolder.SHARED.releaseAll();
        }
    }

    SparkSettings settings() {
        return settings;
    }

    JavaSparkContext context() {
        return context;
    }

    SparkSession session() {
        return session;
    }

    /**
     * Answers the prompts of a dataset. The dataset that is returned is lazy, as Spark's are: each action on it asks again, so
     * write it before it is used twice. Nothing of a job that is cut is kept; {@link #benchmark} keeps every answer.
     *
     * @param asked rows with a text {@code prompt}, and if they have it, a text {@code system}, null for no system turn
     * @param model who answers; its file is at the same path on every machine
     * @param options of every answer
     * @return the rows with {@code response}, {@code finish_reason}, {@code prompt_tokens}, {@code generated_tokens}, {@code
     *     seconds}, {@code error}, {@code model}, {@code model_sha256}, {@code engine}, {@code backend}, {@code kernels}, {@code
     *     processor} and {@code host}. A prompt that cannot be answered has null as {@code response} and a sentence as {@code
     *     error}
     * @throws IOException if the model's file cannot be read here
     * @throws BenchmarkException if no executor can answer
     * @throws IllegalArgumentException if the rows have no text {@code prompt}
     */
    public Dataset<Row> answer(Dataset<Row> asked, NamedModel model, GenerationOptions options) throws IOException {
        Optional<Machine> expected = settings.mixed() ? Optional.empty() : Optional.of(kind(model, List.of()));
        AnswerRows rows = new AnswerRows(
                new Box<>(AskJob.class, AskJob.of(model, model.identity(), expected)),
                new Box<>(GenerationOptions.class, options),
                asked.schema());
        return asked.mapPartitions(rows, Encoders.row(rows.schema()));
    }

    /**
     * Scores the answers of a dataset.
     *
     * @param answers rows with texts {@code prompt} and {@code response}
     * @param rules the name of a scorer that needs no judge, such as {@code v2}
     * @return the rows with {@code score} (null if unscored), {@code scorer}, {@code scorer_version} and {@code score_details},
     *     a JSON object
     * @throws IllegalArgumentException if the scorer is unknown, or the rows lack a column
     */
    public Dataset<Row> score(Dataset<Row> answers, String rules) {
        ScoreRows rows = new ScoreRows(Scorers.named(rules).name(), answers.schema());
        return answers.mapPartitions(rows, Encoders.row(rows.schema()));
    }

    /**
     * {@return the probes of a dataset, ordered by id and prompt: a dataset has no order of its own}
     *
     * @param probes rows with texts {@code id}, {@code category} and {@code prompt}
     */
    public static List<Probe> probes(Dataset<Row> probes) {
        List<Probe> read = new ArrayList<>();
        for (Row row : probes.select("id", "category", "prompt")
                .orderBy("id", "prompt")
                .collectAsList()) {
            read.add(new Probe(row.getString(0), row.getString(1), row.getString(2)));
        }
        return read;
    }

    /**
     * The answers of a model on the executors, for an {@link AbRunner} or a {@link DistillRunner} on the driver.
     *
     * @param model who answers; its file is at the same path on every machine
     * @param identity of the driver's files; an executor with other files is refused
     * @return the source of the answers
     */
    public AnswerSource answers(NamedModel model, ModelIdentity identity) {
        return new SparkAnswers(this, model, identity);
    }

    /**
     * Asks every probe of every model, without a kernel and with each kernel. The models share the executors: the questions of
     * the next models fill the places that the one before no longer needs; three models are asked at a time.
     *
     * <p>Each model's answers are written by the driver as they come, in the files of {@code lem benchmark}: {@code NAME.jsonl} and
     * its run log. A benchmark that was cut, also by a killed driver, resumes when it is started again, and asks only what is
     * missing. A model that fails does not keep the others from being asked.
     *
     * @param benchmark what is asked of whom
     * @param folder of the files
     * @param overwrite delete what an earlier run recorded there and start again
     * @param listeners the listener of each model's run; called on several threads
     * @return each model's result, by name, in the order of the models
     * @throws BenchmarkException if a model's run failed; what is recorded stays
     * @throws IOException if a file cannot be read or written
     */
    public Map<String, AbResult> benchmark(
            SparkBenchmark benchmark, Path folder, boolean overwrite, Function<NamedModel, RunListener> listeners)
            throws IOException {
        if (!overwrite && !settings.mixed()) {
            for (NamedModel model : benchmark.models()) {
                List<Machine> recorded = recordedMachine(RunFiles.logOf(folder.resolve(model.name() + ".jsonl")));
                if (!recorded.isEmpty()) {
                    kind(model, recorded);
                }
            }
        }
        Map<String, Future<AbResult>> running = new LinkedHashMap<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(
                Math.min(MODELS_AT_ONCE, benchmark.models().size()))) {
            for (NamedModel model : benchmark.models()) {
                running.put(
                        model.name(),
                        threads.submit(() -> benchmark(
                                benchmark.plan(model),
                                model,
                                folder.resolve(model.name() + ".jsonl"),
                                overwrite,
                                listeners.apply(model))));
            }
        }
        return SparkBenchmark.results(running);
    }

    /**
     * Runs an A/B benchmark of one model, or resumes it.
     *
     * @param plan what is asked; its model is the identity of {@code model}
     * @param model who answers
     * @param output the JSON Lines file, as {@code lem benchmark} writes it
     * @param overwrite delete an output and its log first
     * @param listener receives the progress
     * @return the answers and their comparison
     * @throws BenchmarkException if the output is of another run, or a question has no answer; what is recorded stays
     * @throws IOException if a file cannot be read or written
     */
    public AbResult benchmark(AbPlan plan, NamedModel model, Path output, boolean overwrite, RunListener listener)
            throws IOException {
        return new AbRunner(plan, answers(model, plan.model()), listener).run(output, overwrite);
    }

    /**
     * Runs a distillation, or resumes it.
     *
     * @param plan what is asked; its model is the identity of {@code model}
     * @param model who answers
     * @param output the JSON Lines file, as {@code lem distill} writes it
     * @param overwrite delete an output and its log first
     * @param listener receives the progress
     * @return what was recorded
     * @throws BenchmarkException if the output is of another run, or a question has no answer; what is recorded stays
     * @throws IOException if a file cannot be read or written
     */
    public DistillRunner.Outcome distill(
            DistillPlan plan, NamedModel model, Path output, boolean overwrite, RunListener listener)
            throws IOException {
        return new DistillRunner(plan, answers(model, plan.model()), listener).run(output, overwrite);
    }

    /**
     * Writes the answers of a complete benchmark as Parquet, a row for each answer, in {@code FOLDER/model=NAME}. Rows that were
     * written there before are replaced.
     *
     * @param output the JSON Lines file of the benchmark; its run log is next to it
     * @param name of the model, the value of the column {@code model}
     * @param folder where Spark writes, a path or an address that Hadoop's file systems know
     * @return rows that were written
     * @throws BenchmarkException if the benchmark is not complete, or Spark cannot write the table; a table that was there stays
     *     until the new one is complete
     * @throws IOException if a file cannot be read
     */
    public long writeParquet(Path output, String name, String folder) throws IOException {
        return new RecordedRows(session, output).write(folder + "/model=" + name);
    }

    /** The machine of the first answer that says it; empty without one. */
    private static List<Machine> recordedMachine(Path log) throws IOException {
        if (!Files.exists(log)) {
            return List.of();
        }
        try (JsonLineReader reader = new JsonLineReader(log)) {
            for (JsonLine line = reader.next(); line != null && line.isComplete(); line = reader.next()) {
                if (line.object().get("machine") instanceof Map<?, ?> fields) {
                    return Machine.of(fields).stream().toList();
                }
            }
        }
        return List.of();
    }

    /** The kind of machine that the executors for a model must be. */
    Machine kind(NamedModel model, List<Machine> recorded) {
        return kinds.of(model, recorded, () -> anyMachine(model));
    }

    /** The machine of some executor, which all others must answer as. */
    private Machine anyMachine(NamedModel model) {
        return FindMachine.anywhere(context, model.options().compute().device(), watch());
    }

    /** For a thread that waits for a job. */
    ExecutorWatch watch() {
        return ExecutorWatch.of(context.sc(), notices);
    }

    /** Tells the user once if an executor's tasks and the sequences of its model do not match. */
    void compareSlots(NamedModel model, int questionsPerTask) {
        Slots.mismatch(
                        context.getConf(),
                        Runtime.getRuntime().availableProcessors(),
                        model.options().context().parallel(),
                        questionsPerTask)
                .filter(told::add)
                .ifPresent(notices.user());
    }
}
