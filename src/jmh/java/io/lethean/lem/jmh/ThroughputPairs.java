package io.lethean.lem.jmh;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Tokens per second of {@link LemModel} against the same loop in C, in one process and in alternation.
 *
 * <p>JMH runs one variant after the other; if the speed of the machine drifts, only pairs can be compared, so the pairs
 * are made here. C takes the largest logit and does nothing else; Java's side is the whole of {@code
 * LemModel.generate}. Both must produce the same tokens.
 *
 * <p>Arguments: {@code key=value} with {@code model}, {@code pairs}, {@code prompt}, {@code generate}, {@code threads},
 * {@code cloop} (the library).
 */
public final class ThroughputPairs {

    private static final String RANDOM_MODEL = "target/jmh/random-100m-q8_0.gguf";
    private static final int CONTEXT = 1024;
    private static final int BATCH = 512;
    private static final int ANY_TOKEN = 1;
    private static final String WORDS = "She asked the village what a fair share would be and nobody answered her. ";

    private final LemModel java;
    private final CLoop c;
    private final int pairs;

    private ThroughputPairs(LemModel java, CLoop c, int pairs) {
        this.java = java;
        this.c = c;
        this.pairs = pairs;
    }

    public static void main(String[] arguments) throws IOException {
        Arguments given = new Arguments(arguments);
        Path model = Path.of(given.text("model", RANDOM_MODEL));
        if (model.equals(Path.of(RANDOM_MODEL)) && !Files.exists(model)) {
            Files.createDirectories(model.toAbsolutePath().getParent());
            RandomModel.hundredMillion().type(GgmlType.Q8_0).write(model, 1);
        }
        int threads = given.number("threads", 1);
        ModelOptions options = ModelOptions.builder()
                .contextTokens(CONTEXT)
                .batchTokens(BATCH)
                .microBatchTokens(BATCH)
                .threads(threads)
                .build();
        try (LemModel java = LemModel.load(model, options);
                CLoop c = new CLoop(Path.of(given.text("cloop", "")), model, CONTEXT, BATCH, threads)) {
            System.out.printf(
                    Locale.ROOT,
                    "%s, %d thread(s), %s%n",
                    java.info().architecture().description(),
                    threads,
                    model);
            System.out.println(
                    "work           pairs  tokens  Java t/s (median)  C t/s (median)  Java/C median [min, max]");
            ThroughputPairs measured = new ThroughputPairs(java, c, given.number("pairs", 31));
            measured.measure("prompt", given.number("prompt", 256), 1);
            measured.measure("generation", 16, given.number("generate", 64));
        }
    }

    private void measure(String work, int promptTokens, int generate) {
        String prompt = promptOf(promptTokens);
        int[] tokens = java.tokenize(prompt, true, false).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        GenerationOptions options =
                GenerationOptions.builder().maxTokens(generate).build();
        int[] expected = c.run(tokens, generate);
        List<Integer> found = java.generate(prompt, options).tokens();
        if (!found.equals(Arrays.stream(expected).boxed().toList())) {
            throw new IllegalStateException("Java and C generated different tokens for " + work + ": " + found + " and "
                    + Arrays.toString(expected) + ".");
        }
        double[] javaSeconds = new double[pairs];
        double[] cSeconds = new double[pairs];
        for (int pair = 0; pair < pairs; pair++) {
            boolean javaFirst = pair % 2 == 0;
            java.logits(List.of(ANY_TOKEN)); // which discards the prompt, so that it is evaluated again
            if (javaFirst) {
                javaSeconds[pair] = seconds(() -> java.generate(prompt, options));
            }
            cSeconds[pair] = seconds(() -> c.run(tokens, generate));
            if (!javaFirst) {
                javaSeconds[pair] = seconds(() -> java.generate(prompt, options));
            }
        }
        report(work, generate == 1 ? tokens.length : generate, javaSeconds, cSeconds);
    }

    private String promptOf(int tokens) {
        StringBuilder text = new StringBuilder();
        for (int word = 0; java.tokenize(text.toString(), true, false).size() < tokens; word++) {
            String[] words = WORDS.split(" ");
            text.append(words[word % words.length]).append(' ');
        }
        return text.toString();
    }

    private void report(String work, int tokens, double[] javaSeconds, double[] cSeconds) {
        double[] ratios = new double[pairs];
        for (int pair = 0; pair < pairs; pair++) {
            ratios[pair] = cSeconds[pair] / javaSeconds[pair];
        }
        Arrays.sort(ratios);
        System.out.printf(
                Locale.ROOT,
                "%-13s  %5d  %6d  %17.1f  %14.1f  %.3f [%.3f, %.3f]%n",
                work,
                pairs,
                tokens,
                tokens / median(javaSeconds),
                tokens / median(cSeconds),
                median(ratios),
                ratios[0],
                ratios[pairs - 1]);
    }

    private static double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
