package io.lethean.lem.jmh;

import io.lethean.lem.Message;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Chats that arrive at the same moment, each from a thread of its own, with a common system text: in one model that answers
 * as many in parallel, one after the other in a model that answers one at a time, and in {@code llama-server} of the same
 * build, which gets the same tokens. Every answer has exactly 64 tokens, because the tokens that end a text are never chosen.
 *
 * <p>The first wave of chats finds nothing evaluated. The second has other questions after the same system text. Then the first
 * question is asked alone, which shows what a model with many sequences costs a lone caller.
 *
 * <p>Arguments: {@code key=value} with {@code model}, {@code threads} (1), {@code chats} (16), {@code system} (400 tokens),
 * {@code rounds} (3), {@code server} (the program; without it, it is left out), {@code flags} (variants of the server, split
 * by commas).
 */
public final class ManyChats {

    private static final int NEW_TOKENS = 64;
    private static final int QUESTION_TOKENS = 24;
    private static final int CONTEXT = 1024;
    private static final int ANY_TOKEN = 1;
    private static final String OURS = "LemModel.chat, all at once";
    private static final String FAST = "LemModel.chat, not batch-invariant";
    private static final List<String> NAMES = List.of("first wave", "second wave", "one chat");

    private final Path file;
    private final Arguments given;
    private final LemModel together;
    private final LemModel fast;
    private final LemModel alone;
    private final int chats;
    private final GenerationOptions options;
    private final SplittableRandom random = new SplittableRandom(1);
    private final MethodTable table = new MethodTable();

    private ManyChats(Path file, Arguments given, LemModel together, LemModel fast, LemModel alone) {
        this.file = file;
        this.given = given;
        this.together = together;
        this.fast = fast;
        this.alone = alone;
        this.chats = given.number("chats", 16);
        this.options = EndlessAnswers.of(together, NEW_TOKENS);
    }

    public static void main(String[] arguments) throws Exception {
        Arguments given = new Arguments(arguments);
        Path file = RandomModelFile.orThis(given.text("model", ""));
        ModelOptions.Builder builder = ModelOptions.builder()
                .contextTokens(CONTEXT)
                .threads(given.number("threads", 1))
                .device("cpu");
        try (LemModel alone = LemModel.load(file, builder.parallel(1).build());
                LemModel together = LemModel.load(
                        file, builder.parallel(given.number("chats", 16)).build());
                LemModel fast =
                        LemModel.load(file, builder.batchInvariant(false).build())) {
            new ManyChats(file, given, together, fast, alone).run();
        }
    }

    private void run() throws Exception {
        System.out.printf(
                Locale.ROOT,
                "%s, %s, %d thread(s): %d chats at once, a common system text of %d tokens, %d new tokens each%n",
                file.getFileName(),
                together.info().architecture().description(),
                given.number("threads", 1),
                chats,
                given.number("system", 400),
                NEW_TOKENS);
        List<String> variants =
                List.of(given.text("flags", ",--kv-unified,--cache-reuse 256").split(",", -1));
        for (int round = 0; round < given.number("rounds", 3); round++) {
            String system = MadeUpText.of(together, random, given.number("system", 400));
            List<List<Message>> first = wave(system);
            List<List<List<Message>>> waves = List.of(first, wave(system), List.of(first.getFirst()));
            measure(OURS, waves, wave -> atOnce(together, wave));
            measure(FAST, waves, wave -> atOnce(fast, wave));
            measure("LemModel.chat, one at a time", waves, this::oneByOne);
            if (!given.text("server", "").isEmpty()) {
                for (String flags : variants) {
                    compareWithServer(flags, waves);
                }
            }
        }
        table.print(OURS);
    }

    private List<List<Message>> wave(String system) {
        List<List<Message>> wave = new ArrayList<>();
        for (int chat = 0; chat < chats; chat++) {
            wave.add(List.of(Message.system(system), Message.user(MadeUpText.of(together, random, QUESTION_TOKENS))));
        }
        return wave;
    }

    private interface Wave {
        void run(List<List<Message>> chats) throws Exception;
    }

    private void measure(String method, List<List<List<Message>>> waves, Wave work) throws Exception {
        together.logits(List.of(ANY_TOKEN)); // which discards every prompt
        fast.logits(List.of(ANY_TOKEN));
        alone.logits(List.of(ANY_TOKEN));
        for (int wave = 0; wave < waves.size(); wave++) {
            List<List<Message>> now = waves.get(wave);
            table.measure(NAMES.get(wave), method, ProcessHandle.current(), () -> work.run(now));
        }
    }

    private void atOnce(LemModel model, List<List<Message>> wave) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Generation>> answers = new ArrayList<>();
            for (List<Message> chat : wave) {
                answers.add(threads.submit(() -> model.chat(chat, options)));
            }
            for (Future<Generation> answer : answers) {
                requireWhole(answer.get());
            }
        }
    }

    private void oneByOne(List<List<Message>> wave) {
        wave.forEach(chat -> requireWhole(alone.chat(chat, options)));
    }

    private static void requireWhole(Generation answer) {
        if (answer.generatedTokens() != NEW_TOKENS) {
            throw new IllegalStateException("An answer has " + answer.generatedTokens() + " tokens.");
        }
    }

    private void compareWithServer(String flags, List<List<List<Message>>> waves) throws Exception {
        List<String> more = flags.isEmpty() ? List.of() : List.of(flags.split(" "));
        LlamaServer.Settings settings =
                new LlamaServer.Settings(file, given.number("threads", 1), chats, CONTEXT, more);
        String name = "llama-server -np " + chats + (flags.isEmpty() ? "" : " " + flags);
        try (LlamaServer server = LlamaServer.start(Path.of(given.text("server", "")), settings)) {
            for (int wave = 0; wave < waves.size(); wave++) {
                List<List<Integer>> prompts =
                        waves.get(wave).stream().map(this::tokens).toList();
                table.measure(
                        NAMES.get(wave), name, server.handle(), () -> server.completeAll(prompts, chats, NEW_TOKENS));
            }
        }
    }

    private List<Integer> tokens(List<Message> chat) {
        return together.tokenize(together.tokenizer().applyTemplate(chat, true), true, true);
    }
}
