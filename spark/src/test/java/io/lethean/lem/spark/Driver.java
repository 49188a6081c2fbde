package io.lethean.lem.spark;

import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.RunListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * A driver in a process of its own, which a test kills. Arguments: the output, the number of probes, and optionally after how
 * many answers it stands still.
 */
final class Driver {

    private Driver() {}

    /** Waits for the kill, so that a slow test does not come too late. */
    private record StandingStill(int answers) implements RunListener {
        @Override
        public void answered(Answered answer) {
            if (answer.done() == answers) {
                try {
                    Thread.sleep(Duration.ofMinutes(10));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    public static void main(String[] arguments) throws IOException {
        NamedModel model = Nano.model();
        AbPlan plan = Nano.benchmark(Integer.parseInt(arguments[1]), model).plan(model);
        RunListener listener =
                arguments.length > 2 ? new StandingStill(Integer.parseInt(arguments[2])) : RunListener.SILENT;
        try (SparkSession session = Nano.session("local[2]", Map.of())) {
            new LemSpark(session, SparkSettings.defaults())
                    .benchmark(plan, model, Path.of(arguments[0]), false, listener);
        }
    }
}
