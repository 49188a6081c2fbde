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

    private static final int PROBES = 16;

    private SlowBenchmark() {}

    static AbPlan plan() {
        return AbRuns.plan(PROBES);
    }

    /** Arguments: the output, and the milliseconds that an answer takes. */
    public static void main(String[] args) throws IOException {
        int millis = Integer.parseInt(args[1]);
        try {
            new AbRunner(plan(), () -> new Slow(millis), AbListener.SILENT).run(Path.of(args[0]), false);
        } catch (BenchmarkException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }

    private static final class Slow extends FakeModel {
        private final int millis;

        Slow(int millis) {
            this.millis = millis;
        }

        @Override
        public Generation chat(List<Message> messages, GenerationOptions with) {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return super.chat(messages, with);
        }
    }
}
