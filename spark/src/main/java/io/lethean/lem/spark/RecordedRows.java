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
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The answers of a complete benchmark as rows, one for each answer, in the order of its output. */
final class RecordedRows {

    /** Rows that Spark is given at a time: their texts are in the memory of the driver. */
    private static final int CHUNK = 10_000;

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
    private final RecordedRun run;

    RecordedRows(SparkSession session, Path output) throws IOException {
        this.session = session;
        this.output = output;
        this.run = RecordedRun.read(output);
    }

    long write(String folder) throws IOException {
        long written = 0;
        List<Row> chunk = new ArrayList<>();
        try (JsonLineReader reader = new JsonLineReader(output);
                RunLog log = new RunLog(RunFiles.logOf(output))) {
            int probe = 0;
            for (JsonLine line = reader.next(); line != null; line = reader.next()) {
                Map<String, Object> fields = line.object();
                if ("probe".equals(fields.get("type"))) {
                    chunk.addAll(rows(fields, probe++, log));
                }
                if (chunk.size() >= CHUNK) {
                    written += write(chunk, folder, written);
                }
            }
        }
        return written + write(chunk, folder, written);
    }

    private long write(List<Row> chunk, String folder, long before) {
        long rows = chunk.size();
        if (rows > 0) {
            session.createDataFrame(List.copyOf(chunk), SCHEMA)
                    .coalesce(1)
                    .write()
                    .mode(before == 0 ? SaveMode.Overwrite : SaveMode.Append)
                    .parquet(folder);
            chunk.clear();
        }
        return rows;
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
