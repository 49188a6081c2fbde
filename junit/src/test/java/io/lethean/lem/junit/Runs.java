package io.lethean.lem.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.lethean.lem.Message;
import io.lethean.lem.evaluation.run.FakeModel;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.TextGenerator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs example classes by JUnit itself, with their files in a folder of the test. */
final class Runs {

    private final Path folder;

    Runs(Path folder) {
        this.folder = folder;
    }

    Path records() {
        return folder.resolve("records").resolve(Runs.class.getPackageName().replace('.', '/'));
    }

    Path output() {
        return folder.resolve("output").resolve(Runs.class.getPackageName().replace('.', '/'));
    }

    /** Runs one method of a class. */
    EngineExecutionResults run(Class<?> type, String method, String... parameters) {
        Class<?>[] types = Arrays.stream(type.getDeclaredMethods())
                .filter(declared -> declared.getName().equals(method))
                .findFirst()
                .orElseThrow()
                .getParameterTypes();
        return run(List.of(selectMethod(type, method, types)), parameters);
    }

    /** Runs whole classes. */
    EngineExecutionResults run(List<Class<?>> types, Map<String, String> parameters) {
        List<String> flat = new ArrayList<>();
        parameters.forEach((name, value) -> flat.addAll(List.of(name, value)));
        List<DiscoverySelector> selectors = new ArrayList<>();
        types.forEach(type -> selectors.add(selectClass(type)));
        return run(selectors, flat.toArray(String[]::new));
    }

    private EngineExecutionResults run(List<? extends DiscoverySelector> selectors, String... parameters) {
        EngineTestKit.Builder kit = EngineTestKit.engine("junit-jupiter")
                .selectors(selectors.toArray(DiscoverySelector[]::new))
                .configurationParameter(
                        Settings.RECORDS, folder.resolve("records").toString())
                .configurationParameter(
                        Settings.OUTPUT, folder.resolve("output").toString())
                .configurationParameter(Settings.MISSING_MODEL, "fail");
        for (int i = 0; i < parameters.length; i += 2) {
            kit.configurationParameter(parameters[i], parameters[i + 1]);
        }
        return kit.execute();
    }

    /** Records the answers of a method, which must succeed. */
    void record(Class<?> type, String method) {
        verdict(run(type, method, Settings.RECORD, "true"));
    }

    /** What the only failed test threw. */
    static Throwable failure(EngineExecutionResults results) {
        return results.allEvents().failed().stream()
                .map(event -> event.getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class))
                .map(result -> result.getThrowable().orElseThrow())
                .reduce((first, second) -> {
                    throw new AssertionError("Two failures: " + first + " and " + second);
                })
                .orElseThrow(() -> new AssertionError("Nothing failed."));
    }

    /** The values of a report entry, over all tests. */
    static List<String> reported(EngineExecutionResults results, String key) {
        return results.allEvents().reportingEntryPublished().stream()
                .map((Event event) -> event.getRequiredPayload(org.junit.platform.engine.reporting.ReportEntry.class))
                .map(entry -> entry.getKeyValuePairs().get(key))
                .toList();
    }

    /** The verdict of the only test, which must have succeeded. */
    static String verdict(EngineExecutionResults results) {
        if (results.allEvents().failed().count() > 0) {
            throw new AssertionError("The test should have succeeded.", failure(results));
        }
        results.testEvents().assertStatistics(stats -> stats.started(1).succeeded(1));
        return reported(results, "lem.verdict").getFirst();
    }

    /** Answers by rule. */
    static TextGenerator answering(UnaryOperator<String> rule) {
        return new TextGenerator() {
            @Override
            public Generation chat(List<Message> messages, GenerationOptions options) {
                return FakeModel.generation(rule.apply(messages.getLast().content()), FinishReason.END_OF_TURN);
            }
        };
    }

    /** Scores an answer by the number that it is; any other answer is unscored. */
    record ByNumber(String version) implements Scorer {

        @Override
        public String name() {
            return "by-number";
        }

        @Override
        public Score score(Sample sample, String response) {
            OptionalDouble value = response.matches("-?\\d+(\\.\\d+)?")
                    ? OptionalDouble.of(Double.parseDouble(response))
                    : OptionalDouble.empty();
            return new Score(name(), version, value, Map.of());
        }
    }
}
