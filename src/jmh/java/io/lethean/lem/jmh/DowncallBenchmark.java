package io.lethean.lem.jmh;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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

/** What a call into the libraries costs, and what Java does between two calls of a generation. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class DowncallBenchmark {

    private static final int VOCABULARY = 32_000;

    private MemorySegment logits = MemorySegment.NULL;

    @Setup
    public void load() {
        NativeLibraries.load();
        logits = Arena.global().allocate(ValueLayout.JAVA_FLOAT, VOCABULARY);
        Random random = new Random(1);
        for (int token = 0; token < VOCABULARY; token++) {
            logits.setAtIndex(ValueLayout.JAVA_FLOAT, token, (float) random.nextGaussian());
        }
    }

    /** The smallest call there is. */
    @Benchmark
    public int shimAbi() {
        return LlamaCpp.lem_shim_abi();
    }

    /** A call that takes an argument and returns a long. */
    @Benchmark
    public long typeSize() {
        return LlamaCpp.ggml_type_size(LlamaCpp.GGML_TYPE_Q8_0());
    }

    /** A struct by value, as before every load: the default parameters of a context. */
    @Benchmark
    public MemorySegment defaultContextParameters() {
        try (Arena arena = Arena.ofConfined()) {
            return LlamaCpp.llama_context_default_params(arena);
        }
    }

    /** Reading the scores of one token in place. */
    @Benchmark
    public float readAllLogits() {
        float largest = Float.NEGATIVE_INFINITY;
        for (int token = 0; token < VOCABULARY; token++) {
            largest = Math.max(largest, logits.getAtIndex(ValueLayout.JAVA_FLOAT, token));
        }
        return largest;
    }
}
