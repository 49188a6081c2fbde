package io.lethean.lem.jmh;

import io.lethean.lem.Message;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GenerationOutcome;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * An A/B benchmark's work, 20 probes without a kernel and with each of two of 600 tokens, 64 new tokens each: one prompt at
 * a time with {@link LemModel#chat}, in parallel with {@link LemModel#chatAll} of the same model, and by {@code
 * llama-server} of the same build, which gets the same tokens. The model's file forbids the token that ends a text, so
 * every answer has exactly 64 tokens.
 *
 * <p>Arguments: {@code key=value} with {@code model}, {@code threads}, {@code parallel}, {@code rounds}, {@code baseline}
 * (0 leaves out one at a time), {@code server} (the program; without it, it is left out).
 */
public final class BatchThroughput {

    private static final int PROBES = 20;
    private static final int PROBE_TOKENS = 24;
    private static final int KERNEL_TOKENS = 600;
    private static final int NEW_TOKENS = 64;
    private static final int CONTEXT = 1024;
    private static final int END_OF_SEQUENCE = 2;

    private final LemModel model;
    private final List<List<Message>> conversations;
    private final GenerationOptions options =
            GenerationOptions.builder().maxTokens(NEW_TOKENS).build();

    private BatchThroughput(LemModel model) {
        this.model = model;
        this.conversations = conversations();
    }

    public static void main(String[] arguments) throws Exception {
        Arguments given = new Arguments(arguments);
        Path file = Path.of(given.text("model", "target/jmh/random-100m-q8_0-endless.gguf"));
        if (!Files.exists(file)) {
            write(file);
        }
        int threads = given.number("threads", 1);
        int parallel = given.number("parallel", 16);
        ModelOptions options = ModelOptions.builder()
                .contextTokens(CONTEXT)
                .threads(threads)
                .parallel(parallel)
                .device("cpu")
                .build();
        try (LemModel model = LemModel.load(file, options)) {
            System.out.printf(
                    Locale.ROOT,
                    "%s, %d thread(s), %d side by side: %d probes x 3 conditions, %d new tokens%n",
                    model.info().architecture().description(),
                    threads,
                    parallel,
                    PROBES,
                    NEW_TOKENS);
            BatchThroughput measured = new BatchThroughput(model);
            for (int round = 0; round < given.number("rounds", 1); round++) {
                double together = seconds(measured::sideBySide);
                System.out.printf(Locale.ROOT, "side by side %.1f s%n", together);
                if (given.number("baseline", 1) == 1) {
                    double alone = seconds(measured::oneByOne);
                    System.out.printf(
                            Locale.ROOT,
                            "one at a time %.1f s: side by side takes %.2f times less%n",
                            alone,
                            alone / together);
                }
                if (!given.text("server", "").isEmpty()) {
                    measured.compareWithServer(Path.of(given.text("server", "")), file, threads, parallel, together);
                }
            }
        }
    }

    private static void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        RandomModel.hundredMillion()
                .writer(1)
                .put("tokenizer.ggml.suppress_tokens", GgufArray.ofIntegers(GgufType.INT32, END_OF_SEQUENCE))
                .write(file);
    }

    private interface Work {
        void run() throws Exception;
    }

    private static double seconds(Work work) throws Exception {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    /** All of a kernel's probes follow each other, which suits a server's cache; our side sorts by itself. */
    private List<List<Message>> conversations() {
        SplittableRandom random = new SplittableRandom(1);
        List<String> probes = new ArrayList<>();
        for (int i = 0; i < PROBES; i++) {
            probes.add(text(random, PROBE_TOKENS));
        }
        List<List<Message>> all = new ArrayList<>();
        probes.forEach(probe -> all.add(List.of(Message.user(probe))));
        for (int kernel = 0; kernel < 2; kernel++) {
            Message system = Message.system(text(random, KERNEL_TOKENS));
            probes.forEach(probe -> all.add(List.of(system, Message.user(probe))));
        }
        return all;
    }

    /** Made-up words that are exactly so many tokens. */
    private String text(SplittableRandom random, int tokens) {
        String text = "";
        int count = 0;
        while (count < tokens) {
            String word = model.detokenize(List.of(random.nextInt(400, 5000))).strip();
            String longer = text.isEmpty() ? word : text + " " + word;
            int more = model.tokenize(longer).size();
            if (more > count && more <= tokens) {
                text = longer;
                count = more;
            }
        }
        return text;
    }

    private void oneByOne() {
        conversations.forEach(conversation -> requireWhole(model.chat(conversation, options)));
    }

    private void sideBySide() {
        model.chatAll(conversations, options).stream()
                .map(GenerationOutcome::orThrow)
                .forEach(this::requireWhole);
    }

    private void requireWhole(Generation answer) {
        if (answer.generatedTokens() != NEW_TOKENS || answer.finishReason() != FinishReason.LENGTH) {
            throw new IllegalStateException(
                    String.format(Locale.ROOT, "An answer has %d tokens.", answer.generatedTokens()));
        }
    }

    private void compareWithServer(Path program, Path file, int threads, int parallel, double together)
            throws Exception {
        List<List<Integer>> prompts = conversations.stream()
                .map(conversation -> model.tokenize(model.tokenizer().applyTemplate(conversation, true), true, true))
                .toList();
        try (LlamaServer server = LlamaServer.start(program, file, threads, parallel, CONTEXT)) {
            double seconds = seconds(() -> server.completeAll(prompts, parallel, NEW_TOKENS));
            System.out.printf(
                    Locale.ROOT,
                    "llama-server -np %d %.1f s: side by side takes %.2f of that%n",
                    parallel,
                    seconds,
                    together / seconds);
        }
    }
}
