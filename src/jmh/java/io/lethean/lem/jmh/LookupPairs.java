package io.lethean.lem.jmh;

import io.lethean.lem.Message;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GenerationOutcome;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Prompt lookup against plain greedy decoding, in one process and in alternation: the time of generation, and whether any text
 * or log-probability differs.
 *
 * <p>Arguments: {@code key=value} with {@code model}, {@code threads} (1), {@code pairs} (0; 5 are enough) and {@code tokens} (160)
 * for the speed; {@code prompts} (0), {@code most} (24) tokens and {@code log}, a file that a stopped run resumes from, for the
 * texts.
 */
public final class LookupPairs {

    /** How many prompts are answered together without lookup; an answer does not depend on its company. */
    private static final int COMPARED = 16;

    private final LemModel model;

    private LookupPairs(LemModel model) {
        this.model = model;
    }

    public static void main(String[] arguments) throws IOException {
        Arguments given = new Arguments(arguments);
        Path file = Path.of(given.text("model", ""));
        int threads = given.number("threads", 1);
        int pairs = given.number("pairs", 0);
        if (pairs > 0) {
            try (LemModel model = load(file, threads, 1)) {
                new LookupPairs(model).measure(pairs, given.number("tokens", 160));
            }
        }
        int prompts = given.number("prompts", 0);
        if (prompts > 0) {
            Path log = Path.of(given.text("log", "target/lookup-" + file.getFileName() + ".log"));
            try (LemModel model = load(file, threads, COMPARED)) {
                new LookupPairs(model).compare(prompts, given.number("most", 24), log);
            }
        }
    }

    private static LemModel load(Path file, int threads, int parallel) throws IOException {
        return LemModel.load(
                file,
                ModelOptions.builder()
                        .contextTokens(2048)
                        .device("cpu")
                        .threads(threads)
                        .parallel(parallel)
                        .build());
    }

    private Generation answer(String prompt, GenerationOptions options, boolean lookup) {
        return model.chat(
                List.of(Message.user(prompt)),
                options.toBuilder().promptLookup(lookup).build());
    }

    private static boolean isEqual(Generation plain, Generation found) {
        return plain.tokens().equals(found.tokens())
                && plain.text().equals(found.text())
                && plain.logprobs().equals(found.logprobs())
                && plain.finishReason() == found.finishReason();
    }

    private void measure(int pairs, int tokens) {
        GenerationOptions options =
                GenerationOptions.builder().maxTokens(tokens).build();
        Map<String, List<Double>> ratios = new TreeMap<>();
        for (LookupTasks.Task task : LookupTasks.all()) {
            answer(task.prompt(), options, true);
            for (int pair = 0; pair < pairs; pair++) {
                Generation first = answer(task.prompt(), options, pair % 2 == 1);
                Generation second = answer(task.prompt(), options, pair % 2 == 0);
                Generation plain = pair % 2 == 0 ? first : second;
                Generation found = pair % 2 == 0 ? second : first;
                if (!isEqual(plain, found)) {
                    throw new IllegalStateException("The texts of this prompt differ: " + task.prompt());
                }
                double ratio = seconds(plain) / seconds(found);
                ratios.computeIfAbsent(task.kind(), kind -> new ArrayList<>()).add(ratio);
                print(
                        "%s: %d tokens, %d drafted, %d accepted, plain %.2f s, %.2f times as fast",
                        task.kind(),
                        found.tokens().size(),
                        found.draftedTokens(),
                        found.acceptedTokens(),
                        seconds(plain),
                        ratio);
            }
        }
        ratios.forEach((kind, values) ->
                print("%s: %.2f times as fast (median of %d pairs)", kind, median(values), values.size()));
    }

    /** Answers every prompt both ways, 16 together without lookup and each alone with it; the log has a line for each that is done. */
    private void compare(int prompts, int most, Path log) throws IOException {
        GenerationOptions options =
                GenerationOptions.builder().maxTokens(most).logprobs(1).build();
        List<String> done = Files.exists(log) ? Files.readAllLines(log, StandardCharsets.UTF_8) : List.of();
        for (int from = done.size(); from < prompts; from += COMPARED) {
            List<String> some = IntStream.range(from, Math.min(prompts, from + COMPARED))
                    .mapToObj(LookupTasks::mixed)
                    .toList();
            List<GenerationOutcome> plain = model.chatAll(
                    some.stream().map(prompt -> List.of(Message.user(prompt))).toList(), options);
            for (int i = 0; i < some.size(); i++) {
                Generation found = answer(some.get(i), options, true);
                String line = String.format(
                        Locale.ROOT,
                        "%d %s %d %d %d%n",
                        from + i,
                        isEqual(plain.get(i).orThrow(), found) ? "equal" : "DIFFERENT",
                        found.tokens().size(),
                        found.draftedTokens(),
                        found.acceptedTokens());
                Files.writeString(log, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        }
        List<String[]> lines = Files.readAllLines(log, StandardCharsets.UTF_8).stream()
                .map(line -> line.split(" "))
                .toList();
        print(
                "%s: %d texts compared, %d differ; %d tokens, %d drafted, %d accepted",
                log.getFileName(),
                lines.size(),
                lines.stream().filter(line -> !line[1].equals("equal")).count(),
                sum(lines, 2),
                sum(lines, 3),
                sum(lines, 4));
    }

    private static int sum(List<String[]> lines, int column) {
        return lines.stream().mapToInt(line -> Integer.parseInt(line[column])).sum();
    }

    private static double seconds(Generation answer) {
        return answer.timings().generation().toNanos() / 1e9;
    }

    private static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1)
                .average()
                .orElse(0);
    }

    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
