package io.lethean.lem.spark;

import io.lethean.lem.Message;
import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.evaluation.run.RunQuestion;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.spark.Executor.Outcome;
import io.lethean.lem.spark.Executor.Refusal;
import io.lethean.lem.spark.Portable.Box;
import java.io.Serial;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Adds answers to the rows of a partition, a few rows at a time. */
final class AnswerRows implements MapPartitionsFunction<Row, Row> {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final String PROMPT = "prompt";
    private static final String SYSTEM = "system";

    private static final StructType ADDED = MachineColumns.addTo(new StructType()
            .add("response", DataTypes.StringType, true)
            .add("finish_reason", DataTypes.StringType, true)
            .add("prompt_tokens", DataTypes.LongType, true)
            .add("generated_tokens", DataTypes.LongType, true)
            .add("seconds", DataTypes.DoubleType, true)
            .add("error", DataTypes.StringType, true)
            .add("model", DataTypes.StringType, false)
            .add("model_sha256", DataTypes.StringType, false)
            .add("engine", DataTypes.StringType, false));

    private final Box<AskJob> job;
    private final Box<GenerationOptions> options;
    private final StructType given;
    private final int prompt;
    private final int system;

    AnswerRows(Box<AskJob> job, Box<GenerationOptions> options, StructType given) {
        this.job = job;
        this.options = options;
        this.given = given;
        prompt = textColumn(given, PROMPT);
        system = Arrays.asList(given.fieldNames()).contains(SYSTEM) ? textColumn(given, SYSTEM) : -1;
        requireFree(given, ADDED);
    }

    /** The index of a column of texts. */
    static int textColumn(StructType schema, String name) {
        List<String> names = Arrays.asList(schema.fieldNames());
        if (!names.contains(name)
                || !schema.apply(names.indexOf(name)).dataType().equals(DataTypes.StringType)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "The dataset needs a column of texts '%s'; it has %s.", name, schema.simpleString()));
        }
        return names.indexOf(name);
    }

    /** @throws IllegalArgumentException if a column that is added is there already */
    static void requireFree(StructType given, StructType added) {
        for (String name : added.fieldNames()) {
            if (Arrays.asList(given.fieldNames()).contains(name)) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT, "The dataset has a column '%s' already, which is added; rename it first.", name));
            }
        }
    }

    static StructType with(StructType given, StructType added) {
        return new StructType(Stream.concat(Arrays.stream(given.fields()), Arrays.stream(added.fields()))
                .toArray(StructField[]::new));
    }

    /** The values of a row, to which others can be added. */
    static List<@Nullable Object> values(Row row) {
        List<@Nullable Object> values = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            values.add(row.get(i));
        }
        return values;
    }

    StructType schema() {
        return with(given, ADDED);
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        int most = Math.max(1, job.value().model().options().context().parallel());
        return new Iterator<>() {
            private Iterator<Row> ready = List.<Row>of().iterator();

            @Override
            public boolean hasNext() {
                return ready.hasNext() || rows.hasNext();
            }

            @Override
            public Row next() {
                if (!ready.hasNext()) {
                    List<Row> batch = new ArrayList<>();
                    while (rows.hasNext() && batch.size() < most) {
                        batch.add(rows.next());
                    }
                    ready = answer(batch).iterator();
                }
                return ready.next();
            }
        };
    }

    private List<Row> answer(List<Row> batch) {
        List<RunQuestion> questions = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            questions.add(new RunQuestion(i, "", "", messages(batch.get(i)), options.value()));
        }
        List<Outcome> outcomes;
        try {
            outcomes = Executor.ask(
                    job.value(),
                    questions,
                    IntStream.range(0, batch.size()).boxed().toList());
        } catch (Refusal refused) {
            throw new IllegalStateException(refused.getMessage(), refused);
        }
        Row[] answered = new Row[batch.size()];
        outcomes.forEach(outcome -> answered[outcome.index()] = row(batch.get(outcome.index()), outcome));
        return List.of(answered);
    }

    private List<Message> messages(Row row) {
        String text = row.isNullAt(prompt) ? "" : row.getString(prompt);
        return system < 0 || row.isNullAt(system)
                ? List.of(Message.user(text))
                : List.of(Message.system(row.getString(system)), Message.user(text));
    }

    private Row row(Row given, Outcome outcome) {
        RecordedAnswer answer = outcome.answer().orElse(null);
        Machine machine = answer == null ? null : answer.machine().orElse(null);
        List<@Nullable Object> values = values(given);
        values.add(answer == null ? null : answer.text());
        values.add(answer == null ? null : answer.finishReason());
        values.add(answer == null ? null : answer.promptTokens());
        values.add(answer == null ? null : answer.generatedTokens());
        values.add(answer == null ? null : answer.seconds());
        values.add(outcome.failure().map(RuntimeException::getMessage).orElse(null));
        values.add(job.value().model().name());
        values.add(job.value().identity().sha256());
        values.add(job.value().identity().engine());
        MachineColumns.addTo(values, machine);
        return RowFactory.create(values.toArray());
    }
}
