package io.lethean.lem.evaluation.ab;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.run.SlowModel;
import java.io.IOException;
import java.nio.file.Path;

/** A process of its own that runs the tests' benchmark with a model slow enough to be killed while it answers. */
final class SlowBenchmark {

    private static final int PROBES = 16;

    private SlowBenchmark() {}

    static AbPlan plan() {
        return AbRuns.plan(PROBES);
    }

    static AbPlan plan(int parallel) {
        AbPlan plan = plan();
        return new AbPlan(plan.model().withParallel(parallel), plan.kernels(), plan.probes(), plan.options());
    }

    /** Arguments: the output, the milliseconds that an answer takes, the answers generated in parallel, and the most answers. */
    public static void main(String[] args) throws IOException {
        int millis = Integer.parseInt(args[1]);
        int parallel = Integer.parseInt(args[2]);
        int most = Integer.parseInt(args[3]);
        try {
            new AbRunner(plan(parallel), () -> new SlowModel(millis, most, parallel), RunListener.SILENT)
                    .run(Path.of(args[0]), false);
        } catch (BenchmarkException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }
}
