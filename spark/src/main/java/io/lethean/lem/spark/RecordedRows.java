package io.lethean.lem.spark;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.ab.RecordedRun;
import io.lethean.lem.evaluation.internal.run.RunLog;
import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.evaluation.score.RecordedScore;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The answers of a complete benchmark as rows, one for each answer, in the order of its output. */
final class RecordedRows {

    /** Characters of the rows that Spark is given at a time: one message takes them, which Spark limits to 128 MiB. */
    private static final long CHUNK = 32L << 20;

    static final StructType SCHEMA = MachineColumns.addTo(new StructType()
                    .add("model_sha256", DataTypes.StringType, false)
                    .add("engine", DataTypes.StringType, false)
                    .add("run_id", DataTypes.StringType, false)
                    .add("condition", DataTypes.StringType, false)
                    .add("probe", DataTypes.LongType, false)
                    .add("probe_id", DataTypes.StringType, false)
                    .add("category", DataTypes.StringType, false)
                    .add("sample", DataTypes.LongType, false)
                    .add("prompt", DataTypes.StringType, false)
                    .add("response", DataTypes.StringType, false)
                    .add("score", DataTypes.DoubleType, true)
                    .add("scorer", DataTypes.StringType, false)
                    .add("finish_reason", DataTypes.StringType, false)
                    .add("prompt_tokens", DataTypes.LongType, false)
                    .add("generated_tokens", DataTypes.LongType, false)
                    .add("seconds", DataTypes.DoubleType, true))
            .add("ts", DataTypes.StringType, true);

    private final SparkSession session;
    private final Path output;
    private final long chunk;
    private final RecordedRun run;

    RecordedRows(SparkSession session, Path output) throws IOException {
        this(session, output, CHUNK);
    }

    RecordedRows(SparkSession session, Path output, long chunk) throws IOException {
        this.session = session;
        this.output = output;
        this.chunk = chunk;
        this.run = RecordedRun.read(output);
    }

    long write(String folder) throws IOException {
        ParquetTable table = new ParquetTable(session, SCHEMA, folder);
        table.begin();
        long written = 0;
        List<Row> rows = new ArrayList<>();
        long characters = 0;
        try (JsonLineReader reader = new JsonLineReader(output);
                RunLog log = new RunLog(RunFiles.logOf(output))) {
            int probe = 0;
            for (JsonLine line = reader.next(); line != null; line = reader.next()) {
                Map<String, Object> fields = line.object();
                if ("probe".equals(fields.get("type"))) {
                    List<Row> added = rows(fields, probe++, log);
                    written += added.size();
                    rows.addAll(added);
                    characters +=
                            added.stream().mapToLong(RecordedRows::characters).sum();
                }
                if (characters >= chunk) {
                    table.add(List.copyOf(rows));
                    rows.clear();
                    characters = 0;
                }
            }
        }
        if (!rows.isEmpty()) {
            table.add(rows);
        }
        if (written > 0) {
            table.complete();
        }
        return written;
    }

    private static long characters(Row row) {
        long characters = 0;
        for (int i = 0; i < row.size(); i++) {
            characters += row.get(i) instanceof String text ? text.length() : 0;
        }
        return characters;
    }

    private List<Row> rows(Map<String, Object> line, int probe, RunLog log) {
        List<Row> rows = new ArrayList<>();
        if (!(line.get("conditions") instanceof Map<?, ?> conditions)) {
            throw new BenchmarkException(output + " has a probe without answers; it is not the output of a benchmark.");
        }
        for (Map.Entry<?, ?> condition : conditions.entrySet()) {
            String name = String.valueOf(condition.getKey());
            if (condition.getValue() instanceof Map<?, ?> answer) {
                rows.add(row(line, probe, name, answer, log.answer(probe, name)));
            }
        }
        return rows;
    }

    private Row row(
            Map<String, Object> line, int probe, String condition, Map<?, ?> answer, Optional<RecordedAnswer> logged) {
        OptionalDouble score = RecordedScore.read(answer);
        Machine machine = logged.flatMap(RecordedAnswer::machine).orElse(null);
        Object model = run.identity().get("model");
        Object scorer = run.identity().get("scorer");
        List<@Nullable Object> values = new ArrayList<>();
        values.add(String.valueOf(model).replaceFirst("^sha256:", ""));
        values.add(run.engine());
        values.add(String.valueOf(line.get("run_id")));
        values.add(condition);
        values.add((long) probe);
        values.add(String.valueOf(line.get("id")));
        values.add(String.valueOf(line.get("category")));
        values.add(line.get("sample") instanceof Long sample ? sample : 0L);
        values.add(String.valueOf(line.get("prompt")));
        values.add(String.valueOf(answer.get("response")));
        values.add(score == null || score.isEmpty() ? null : score.getAsDouble());
        values.add(String.valueOf(scorer));
        values.add(String.valueOf(answer.get("finish_reason")));
        values.add(answer.get("prompt_tokens"));
        values.add(answer.get("generated_tokens"));
        values.add(logged.map(RecordedAnswer::seconds).orElse(null));
        MachineColumns.addTo(values, machine);
        values.add(logged.map(RecordedAnswer::time).orElse(null));
        return RowFactory.create(values.toArray());
    }
}
