package io.lethean.lem.bench;

import io.lethean.lem.BenchmarkException;
import io.lethean.lem.Message;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process of its own that runs the tests' benchmark with a model slow enough to be killed while it answers. */
final class SlowBenchmark {

    private static final int PROBES = 8;
    private static final int MILLIS_PER_ANSWER = 25;

    private SlowBenchmark() {}

    static AbPlan plan() {
        return AbRuns.plan(PROBES);
    }

    public static void main(String[] args) throws IOException {
        try {
            new AbRunner(plan(), Slow::new, AbListener.SILENT).run(Path.of(args[0]), false);
        } catch (BenchmarkException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }

    private static final class Slow extends FakeModel {
        @Override
        public Generation chat(List<Message> messages, GenerationOptions with) {
            try {
                Thread.sleep(MILLIS_PER_ANSWER);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return super.chat(messages, with);
        }
    }
}
