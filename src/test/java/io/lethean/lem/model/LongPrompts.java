package io.lethean.lem.model;

import io.lethean.lem.LemException;
import io.lethean.lem.Message;
import io.lethean.lem.train.LemTrainer;
import io.lethean.lem.train.options.TrainingOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;

/**
 * A process that gives a long run of one character to every way into a model, on a platform thread and on a virtual one.
 * Arguments: a folder, and {@code PRE:CHARACTER} for each model. Prints a line for each call.
 */
final class LongPrompts {

    private LongPrompts() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        for (int i = 1; i < arguments.length; i++) {
            String[] words = arguments[i].split(":");
            Path file = TokenizerModels.write(folder, "gpt2", words[0]);
            String text = words[1].repeat(LongRuns.CHARACTERS);
            ask(file, words[0], "platform", text, Thread.ofPlatform().factory());
            ask(file, words[0], "virtual", text, Thread.ofVirtual().factory());
            report(words[0] + " train", () -> train(folder, file, text));
        }
    }

    private static void ask(Path file, String pre, String kind, String text, ThreadFactory threads) throws Exception {
        try (LemModel model = LemModel.load(file, TokenizerModels.OPTIONS)) {
            List<Message> messages = List.of(Message.user(text));
            String name = pre + " " + kind;
            on(
                    threads,
                    () -> report(name + " tokenize", () -> model.tokenize(text).size()));
            on(
                    threads,
                    () -> report(
                            name + " promptTokens",
                            () -> model.tokenizer().encodeChat(messages).size()));
            on(
                    threads,
                    () -> report(
                            name + " chat",
                            () -> model.chat(messages, GenerationOptions.defaults())
                                    .text()));
            on(
                    threads,
                    () -> report(
                            name + " generate",
                            () -> model.generate(text, GenerationOptions.defaults())
                                    .text()));
        }
    }

    private static void on(ThreadFactory threads, Runnable work) throws Exception {
        FutureTask<?> task = new FutureTask<>(work, null);
        threads.newThread(task).start();
        task.get();
    }

    private static void report(String name, Callable<?> call) {
        String outcome;
        try {
            outcome = String.valueOf(call.call());
        } catch (LemException e) {
            outcome = e.getClass().getSimpleName();
        } catch (Exception e) {
            throw new IllegalStateException(name, e);
        }
        System.out.println("CALL " + name + " = " + outcome);
    }

    private static String train(Path folder, Path model, String text) throws Exception {
        Path data = Files.createDirectories(folder.resolve(model.getFileName() + "-data"));
        Files.writeString(data.resolve("train.jsonl"), "{\"text\": \"" + text + "\"}\n");
        TrainingOptions options = TrainingOptions.builder(model, data, data.resolve("adapters"))
                .rank(2)
                .layers(1)
                .iterations(1)
                .batchSize(1)
                .maxSequenceLength(64)
                .truncate(true)
                .threads(1)
                .build();
        return new LemTrainer(options).run().iterations() + " iteration";
    }
}
