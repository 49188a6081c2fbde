package io.lethean.lem.cli;

import io.lethean.lem.evaluation.judge.CachedJudge;
import io.lethean.lem.evaluation.judge.GeminiJudge;
import io.lethean.lem.evaluation.judge.JudgeOptions;
import io.lethean.lem.evaluation.judge.JudgeSpec;
import io.lethean.lem.evaluation.judge.LocalJudge;
import io.lethean.lem.evaluation.judge.OpenAiJudge;
import io.lethean.lem.evaluation.score.Judge;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that say who judges, and how patiently it is asked. */
@Heading("Judge")
final class JudgeArguments {

    private static final double MILLIS = 1000;

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Option(
            names = "--judge",
            paramLabel = "JUDGE",
            description = {
                "Who rates the answers: gemini[=MODEL] (key in GEMINI_API_KEY), openai=URL[#MODEL] (key, if needed,"
                        + " in LEM_JUDGE_API_KEY), or local=FILE, a GGUF model in this process, as a file or as a name on the"
                        + " hub such as hf:org/name:Q4_K_M."
            })
    @Nullable
    String judge;

    @Option(
            names = "--judge-cache",
            paramLabel = "FILE",
            description = "Cache file for judge replies. Default: next to the output.")
    private @Nullable Path cache;

    @Option(
            names = "--judge-interval",
            paramLabel = "SECONDS",
            description = "Minimum time between two requests to a service. Default: ${DEFAULT-VALUE}.")
    private double interval = JudgeOptions.defaults().interval().toMillis() / MILLIS;

    @Option(
            names = "--judge-timeout",
            paramLabel = "SECONDS",
            description = "Maximum time to wait for a service's answer. Default: ${DEFAULT-VALUE}.")
    private double timeout = JudgeOptions.defaults().timeout().toMillis() / MILLIS;

    @Option(
            names = "--judge-threads",
            paramLabel = "N",
            description = "Threads of a local judge; 0 uses all processors but one. Default: ${DEFAULT-VALUE}.")
    private int threads = 0;

    /** A judge that remembers, and what it holds. */
    record Opened(Judge judge, CachedJudge memory, Local local) implements Closeable {

        @Override
        public void close() throws IOException {
            try (local) {
                memory.close();
            }
        }
    }

    /**
     * Opens the judge.
     *
     * @param output the cache of replies is next to it, unless an option names another file
     */
    Opened open(String named, Path output) throws IOException {
        Local local = new Local();
        Judge asked = switch (Usage.valid(command, () -> JudgeSpec.parse(named))) {
            case JudgeSpec.Gemini(String model) -> GeminiJudge.fromEnvironment(model, options());
            case JudgeSpec.OpenAi(String address, String model) ->
                OpenAiJudge.fromEnvironment(address, model, options());
            case JudgeSpec.Local(Path given) -> local(HubNames.of(command).model(given), local);
        };
        Path memory = memory(output);
        Files.createDirectories(memory.toAbsolutePath().getParent());
        CachedJudge cached = new CachedJudge(asked, memory);
        return new Opened(cached, cached, local);
    }

    private Judge local(Path file, Local local) throws IOException {
        return LocalJudge.of(file, () -> local.load(file, threads));
    }

    /** The cache of the judge's replies. */
    Path memory(Path output) {
        return cache == null ? output.resolveSibling(output.getFileName() + ".judge.jsonl") : cache;
    }

    /** Prints a line for an answer that was rated, since each may take seconds. */
    void tell(Console console, String id, Score score) {
        OptionalDouble value = score.value();
        String rated = value.isPresent() ? String.format(Locale.ROOT, "%.2f", value.getAsDouble()) : "unscored";
        console.note(id + "  " + rated);
    }

    private JudgeOptions options() {
        return JudgeOptions.defaults().withInterval(seconds(interval)).withTimeout(seconds(timeout));
    }

    private static Duration seconds(double value) {
        return Duration.ofMillis(Math.round(value * MILLIS));
    }

    /** The model of a local judge, loaded when it is first asked. */
    static final class Local implements Closeable {
        private @Nullable LemModel model;

        LemModel load(Path file, int threads) {
            try {
                LemModel loaded = LemModel.load(
                        file,
                        ModelOptions.builder()
                                .contextTokens(LocalJudge.CONTEXT_TOKENS)
                                .threads(threads)
                                .build());
                model = loaded;
                return loaded;
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public void close() {
            if (model != null) {
                model.close();
            }
        }
    }
}
