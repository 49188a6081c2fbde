package io.lethean.lem.spark;

import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.internal.io.PythonJson;
import java.io.Serial;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Adds scores to rows with answers. */
final class ScoreRows implements MapPartitionsFunction<Row, Row> {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final StructType ADDED = new StructType()
            .add("score", DataTypes.DoubleType, true)
            .add("scorer", DataTypes.StringType, false)
            .add("scorer_version", DataTypes.StringType, false)
            .add("score_details", DataTypes.StringType, true);

    private final String scorer;
    private final StructType given;
    private final int prompt;
    private final int response;

    ScoreRows(String scorer, StructType given) {
        this.scorer = scorer;
        this.given = given;
        prompt = AnswerRows.textColumn(given, "prompt");
        response = AnswerRows.textColumn(given, "response");
        AnswerRows.requireFree(given, ADDED);
    }

    StructType schema() {
        return AnswerRows.with(given, ADDED);
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        Scorer rules = Scorers.named(scorer);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Row next() {
                return scored(rules, rows.next());
            }
        };
    }

    private Row scored(Scorer rules, Row row) {
        Score score = row.isNullAt(response)
                ? null
                : rules.score(
                        new Sample("", row.isNullAt(prompt) ? "" : row.getString(prompt), Map.of()),
                        row.getString(response));
        List<@Nullable Object> values = AnswerRows.values(row);
        values.add(
                score == null || score.value().isEmpty() ? null : score.value().getAsDouble());
        values.add(rules.name());
        values.add(rules.version());
        values.add(score == null ? null : PythonJson.write(score.details()));
        return RowFactory.create(values.toArray());
    }
}
