package io.lethean.lem.model;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Likelihoods of the choices of many questions: together, as {@link LemModel#logLikelihood(String, List)} computes them, and
 * one after the other with every context evaluated from its start, as it was before. Both take turns in one process.
 *
 * <p>Arguments: {@code key=value} with {@code model}, {@code data} (a list of {@code {context, choices}} in JSON), {@code
 * threads} (1), {@code rounds} (3), {@code former} (0 leaves the former method out), {@code exact} (1 for attention in 32
 * bits) and {@code output}, a file for seconds and likelihoods in JSON.
 */
public final class LikelihoodPairs {

    private static final JsonMapper JSON = new JsonMapper();
    private static final double NANOS = 1e9;
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final LemModel model;
    private final List<Question> questions;

    private LikelihoodPairs(LemModel model, List<Question> questions) {
        this.model = model;
        this.questions = questions;
    }

    private record Question(String context, List<String> choices) {}

    /** Wall time, and processor time of all threads, which other processes change less. */
    private record Pass(double seconds, double processorSeconds, List<List<LogLikelihood>> likelihoods) {
        String text() {
            return String.format(Locale.ROOT, "%.2f s (processor %.2f s)", seconds, processorSeconds);
        }
    }

    public static void main(String[] arguments) throws IOException {
        Map<String, String> given = new HashMap<>();
        Arrays.stream(arguments).map(each -> each.split("=", 2)).forEach(each -> given.put(each[0], each[1]));
        ModelOptions.Builder options = ModelOptions.builder()
                .contextTokens(2048)
                .threads(Integer.parseInt(given.getOrDefault("threads", "1")))
                .device("cpu");
        if (given.getOrDefault("exact", "0").equals("1")) {
            options.kvType(KvType.F32).flashAttention(FlashAttention.OFF);
        }
        try (LemModel model = LemModel.load(Path.of(given.get("model")), options.build())) {
            List<Question> questions = read(Path.of(given.get("data")));
            new LikelihoodPairs(model, questions).run(given);
        }
    }

    private static List<Question> read(Path file) throws IOException {
        List<Question> questions = new ArrayList<>();
        for (JsonNode each : JSON.readTree(file.toFile())) {
            List<String> choices = new ArrayList<>();
            each.get("choices").forEach(choice -> choices.add(choice.asString()));
            questions.add(new Question(each.get("context").asString(), choices));
        }
        return questions;
    }

    private void run(Map<String, String> given) {
        System.out.printf(
                Locale.ROOT,
                "%d questions, %d choices%n",
                questions.size(),
                questions.stream().mapToInt(each -> each.choices().size()).sum());
        List<Pass> together = new ArrayList<>();
        List<Pass> former = new ArrayList<>();
        for (int round = 0; round < Integer.parseInt(given.getOrDefault("rounds", "3")); round++) {
            Pass now = pass(question -> model.logLikelihood(question.context(), question.choices()));
            together.add(now);
            System.out.println("together " + now.text());
            if (given.getOrDefault("former", "1").equals("1")) {
                Pass before = pass(this::oneByOne);
                former.add(before);
                System.out.printf(
                        Locale.ROOT,
                        "one by one %s: %.2f (%.2f) times as long; largest difference %.2g%n",
                        before.text(),
                        before.seconds() / now.seconds(),
                        before.processorSeconds() / now.processorSeconds(),
                        largestDifference(now, before));
            }
        }
        double seconds = median(together, Pass::seconds);
        double processorSeconds = median(together, Pass::processorSeconds);
        if (!former.isEmpty()) {
            System.out.printf(
                    Locale.ROOT,
                    "medians: one by one takes %.2f (%.2f) times as long%n",
                    median(former, Pass::seconds) / seconds,
                    median(former, Pass::processorSeconds) / processorSeconds);
        }
        if (given.containsKey("output")) {
            JSON.writeValue(
                    Path.of(given.get("output")).toFile(),
                    Map.of(
                            "seconds", seconds,
                            "processor", processorSeconds,
                            "likelihoods", together.getLast().likelihoods()));
        }
    }

    private static double median(List<Pass> passes, ToDoubleFunction<Pass> value) {
        return passes.stream().mapToDouble(value).sorted().toArray()[passes.size() / 2];
    }

    private Pass pass(Function<Question, List<LogLikelihood>> method) {
        long start = System.nanoTime();
        long processorStart = SYSTEM.getProcessCpuTime();
        List<List<LogLikelihood>> likelihoods = questions.stream().map(method).toList();
        return new Pass(
                (System.nanoTime() - start) / NANOS,
                (SYSTEM.getProcessCpuTime() - processorStart) / NANOS,
                likelihoods);
    }

    private List<LogLikelihood> oneByOne(Question question) {
        ContinuationEncoder.Encoded encoded =
                model.tokenizer().encodeContinuations(question.context(), question.choices());
        return model.scored(scores -> scores.logLikelihoods(encoded.context(), encoded.continuations()));
    }

    private static double largestDifference(Pass one, Pass other) {
        double largest = 0;
        for (int i = 0; i < one.likelihoods().size(); i++) {
            for (int j = 0; j < one.likelihoods().get(i).size(); j++) {
                LogLikelihood a = one.likelihoods().get(i).get(j);
                LogLikelihood b = other.likelihoods().get(i).get(j);
                if (a.greedy() != b.greedy()) {
                    System.out.println("greedy differs: question " + i + ", choice " + j);
                }
                largest = Math.max(largest, Math.abs(a.sum() - b.sum()));
            }
        }
        return largest;
    }
}
