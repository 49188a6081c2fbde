package io.lethean.lem.jmh;

import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.evaluation.score.V2Scorer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** How many megabytes of answers the v2 scorer reads in a second; an answer of 1,024 tokens has about 4 kB. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ScorerBenchmark {

    private static final String PARAGRAPH = """
            However, I believe there is a tension here, and those affected were never asked. **What would they say?** For
            example, in 1994 the Karesh valley kept its own register; from the villagers' perspective that was a matter of
            dignity and consent, more than a technical detail. Imagine a door that only opens from the outside...

            """;

    private String answer = "";

    @Setup
    public void write() {
        answer = PARAGRAPH.repeat(13);
    }

    /** Megabytes in addition to the calls. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Volume {
        public double megabytes;
    }

    @Benchmark
    public Score v2(Volume volume) {
        volume.megabytes += answer.getBytes(StandardCharsets.UTF_8).length / 1e6;
        return new V2Scorer().score(Sample.ofId("P"), answer);
    }
}
