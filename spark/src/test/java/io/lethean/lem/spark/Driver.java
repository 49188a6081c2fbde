package io.lethean.lem.spark;

import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.RunListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** A driver in a process of its own, which a test kills. */
final class Driver {

    private Driver() {}

    public static void main(String[] arguments) throws IOException {
        NamedModel model = Nano.model();
        AbPlan plan = Nano.benchmark(Integer.parseInt(arguments[1]), model).plan(model);
        try (SparkSession session = Nano.session("local[2]", Map.of())) {
            new LemSpark(session, SparkSettings.defaults())
                    .benchmark(plan, model, Path.of(arguments[0]), false, RunListener.SILENT);
        }
    }
}
