package io.lethean.lem.bench;

import io.lethean.lem.BenchmarkException;
import java.io.IOException;
import java.nio.file.Path;

/** A process of its own that runs the tests' benchmark with a model slow enough to be killed while it answers. */
final class SlowBenchmark {

    private static final int PROBES = 16;

    private SlowBenchmark() {}

    static AbPlan plan() {
        return AbRuns.plan(PROBES);
    }

    /** Arguments: the output, and the milliseconds that an answer takes. */
    public static void main(String[] args) throws IOException {
        int millis = Integer.parseInt(args[1]);
        try {
            new AbRunner(plan(), () -> new SlowModel(millis), AbListener.SILENT).run(Path.of(args[0]), false);
        } catch (BenchmarkException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }
}
