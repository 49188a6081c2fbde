package io.lethean.lem.jmh;

import io.lethean.lem.Message;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GenerationOutcome;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * An A/B benchmark's work, 20 probes without a kernel and with each of two of 600 tokens, 64 new tokens each: one prompt at
 * a time with {@link LemModel#chat} of a model that answers one, in parallel with {@link LemModel#chatAll}, and by {@code
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
    private static final int ANY_TOKEN = 1;

    private static final String OURS = "LemModel.chatAll, in parallel";
    private static final String WORK = "A/B";

    private final LemModel model;
    private final LemModel alone;
    private final MethodTable table = new MethodTable();
    private final List<List<Message>> conversations;
    private final GenerationOptions options =
            GenerationOptions.builder().maxTokens(NEW_TOKENS).build();

    private BatchThroughput(LemModel model, LemModel alone) {
        this.model = model;
        this.alone = alone;
        this.conversations = conversations();
    }

    public static void main(String[] arguments) throws Exception {
        Arguments given = new Arguments(arguments);
        Path file = RandomModelFile.orThis(given.text("model", ""));
        int parallel = given.number("parallel", 16);
        ModelOptions.Builder options = ModelOptions.builder()
                .contextTokens(CONTEXT)
                .threads(given.number("threads", 1))
                .device("cpu");
        try (LemModel alone = LemModel.load(file, options.parallel(1).build());
                LemModel model = LemModel.load(file, options.parallel(parallel).build())) {
            System.out.printf(
                    Locale.ROOT,
                    "%s, %s, %d thread(s), %d in parallel: %d probes x 3 conditions, %d new tokens%n",
                    file.getFileName(),
                    model.info().architecture().description(),
                    given.number("threads", 1),
                    parallel,
                    PROBES,
                    NEW_TOKENS);
            new BatchThroughput(model, alone).run(file, given, parallel);
        }
    }

    private void run(Path file, Arguments given, int parallel) throws Exception {
        for (int round = 0; round < given.number("rounds", 1); round++) {
            model.logits(List.of(ANY_TOKEN)); // which discards every prompt
            table.measure(WORK, OURS, ProcessHandle.current(), this::inParallel);
            if (given.number("baseline", 1) == 1) {
                alone.logits(List.of(ANY_TOKEN));
                table.measure(WORK, "LemModel.chat, one at a time", ProcessHandle.current(), this::oneByOne);
            }
            if (!given.text("server", "").isEmpty()) {
                LlamaServer.Settings settings =
                        new LlamaServer.Settings(file, given.number("threads", 1), parallel, CONTEXT, List.of());
                compareWithServer(Path.of(given.text("server", "")), settings);
            }
        }
        table.print(OURS);
    }

    /** All of a kernel's probes follow each other, which suits a server's cache; our side sorts by itself. */
    private List<List<Message>> conversations() {
        SplittableRandom random = new SplittableRandom(1);
        List<String> probes = new ArrayList<>();
        for (int i = 0; i < PROBES; i++) {
            probes.add(MadeUpText.of(model, random, PROBE_TOKENS));
        }
        List<List<Message>> all = new ArrayList<>();
        probes.forEach(probe -> all.add(List.of(Message.user(probe))));
        for (int kernel = 0; kernel < 2; kernel++) {
            Message system = Message.system(MadeUpText.of(model, random, KERNEL_TOKENS));
            probes.forEach(probe -> all.add(List.of(system, Message.user(probe))));
        }
        return all;
    }

    private void oneByOne() {
        conversations.forEach(conversation -> requireWhole(alone.chat(conversation, options)));
    }

    private void inParallel() {
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

    private void compareWithServer(Path program, LlamaServer.Settings settings) throws Exception {
        List<List<Integer>> prompts = conversations.stream()
                .map(conversation -> model.tokenize(model.tokenizer().applyTemplate(conversation, true), true, true))
                .toList();
        try (LlamaServer server = LlamaServer.start(program, settings)) {
            table.measure(
                    WORK,
                    "llama-server -np " + settings.slots(),
                    server.handle(),
                    () -> server.completeAll(prompts, settings.slots(), NEW_TOKENS));
        }
    }
}
