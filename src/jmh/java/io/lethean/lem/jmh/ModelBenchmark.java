package io.lethean.lem.jmh;

import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GenerationOutcome;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Tokens per second of a model file, a device and a number of threads of the user's choice. The counter {@code tokens} has
 * the tokens per second; the score itself has the calls per second, and for {@link #firstToken} milliseconds.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class ModelBenchmark {

    private static final int SEED = 1;
    private static final int ANY_TOKEN = 1;

    /** One model with the context that the longest work needs. */
    @State(Scope.Benchmark)
    public static class Loaded {

        @Param("")
        public String model = "";

        @Param("auto")
        public String device = "auto";

        @Param("0")
        public int threads;

        @Param("512")
        public int prompt;

        @Param("128")
        public int generate;

        @Param("1")
        public int batch;

        private LemModel loaded;
        private GenerationOptions oneToken;
        private GenerationOptions wholeAnswer;
        private final List<String> texts = new ArrayList<>();

        @Setup(Level.Trial)
        public void load() throws IOException {
            loaded = LemModel.load(Path.of(model), options());
            oneToken = EndlessAnswers.of(loaded, 1);
            wholeAnswer = EndlessAnswers.of(loaded, generate);
            SplittableRandom random = new SplittableRandom(SEED);
            while (texts.size() < batch) {
                texts.add(MadeUpText.of(loaded, random, prompt));
            }
        }

        private ModelOptions options() {
            return ModelOptions.builder()
                    .device(device)
                    .threads(threads)
                    .parallel(batch)
                    .contextTokens(prompt + generate)
                    .build();
        }

        /** Discards every prompt, so that each call evaluates its own; not a part of the time. */
        @Setup(Level.Invocation)
        public void discardPrompts() {
            loaded.logits(List.of(ANY_TOKEN));
        }

        @TearDown(Level.Trial)
        public void close() {
            loaded.close();
        }
    }

    /** Tokens that were evaluated or generated; JMH divides them by the time. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Counted {
        public long tokens;
    }

    /** The prompt and one token. */
    @Benchmark
    public Generation prompt(Loaded state, Counted counted) {
        Generation answer = state.loaded.generate(state.texts.getFirst(), state.oneToken);
        counted.tokens += answer.evaluatedTokens();
        return answer;
    }

    /** Tokens after the shortest prompt that there is. */
    @Benchmark
    public Generation generation(Loaded state, Counted counted) {
        Generation answer = state.loaded.generate("a", state.wholeAnswer);
        counted.tokens += answer.generatedTokens();
        return answer;
    }

    /** As many prompts at once as the model answers in parallel; evaluated and generated tokens count. */
    @Benchmark
    public List<GenerationOutcome> batch(Loaded state, Counted counted) {
        List<GenerationOutcome> answers = state.loaded.generateAll(state.texts, state.wholeAnswer);
        for (GenerationOutcome outcome : answers) {
            Generation answer = outcome.orThrow();
            counted.tokens += answer.evaluatedTokens() + answer.generatedTokens();
        }
        return answers;
    }

    /** From the call to the first piece of text, in milliseconds. */
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public Generation firstToken(Loaded state) {
        return state.loaded.generate(state.texts.getFirst(), state.oneToken, text -> {});
    }
}
