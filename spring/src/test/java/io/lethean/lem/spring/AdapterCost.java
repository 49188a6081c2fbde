package io.lethean.lem.spring;

import io.lethean.lem.Message;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.ChatOptions;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.LemModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntSupplier;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * What the adapter costs: the same answers by {@link LemModel} and by {@link LemChatModel}, in pairs, in alternating order.
 *
 * <pre>make jmh-spring [MODEL=path] [PAIRS=n] [TOKENS=n]</pre>
 */
final class AdapterCost {

    private static final String QUESTION = "Tell me about the lighthouse keeper.";

    private AdapterCost() {}

    /** @param arguments model, pairs, tokens of an answer */
    public static void main(String[] arguments) {
        int pairs = Integer.parseInt(arguments[1]);
        int tokens = Integer.parseInt(arguments[2]);
        try (LemModel model = Nano.load(Path.of(arguments[0]))) {
            GenerationRequest.Chat request = new GenerationRequest.Chat(
                    List.of(Message.user(QUESTION)),
                    ChatOptions.defaults(),
                    GenerationOptions.builder().maxTokens(tokens).build());
            LemChatModel chat = LemChatModel.builder(model)
                    .options(LemChatOptions.builder().maxTokens(tokens).build())
                    .build();
            int[] length = new int[1];
            IntSupplier direct = () -> model.chat(request, text -> length[0] += text.length(), new Cancellation())
                    .generation()
                    .generatedTokens();
            IntSupplier call = () ->
                    chat.call(new Prompt(QUESTION)).getMetadata().getUsage().getCompletionTokens();
            IntSupplier stream = () -> chat.stream(new Prompt(QUESTION))
                    .blockLast()
                    .getMetadata()
                    .getUsage()
                    .getCompletionTokens();
            System.out.printf(
                    Locale.ROOT,
                    "%s, %d tokens an answer, %d pairs; time relative to LemModel.chat, median (quartiles)%n",
                    Path.of(arguments[0]).getFileName(),
                    direct.getAsInt(),
                    pairs);
            compare("call", direct, call, pairs);
            compare("stream", direct, stream, pairs);
        }
    }

    private static void compare(String name, IntSupplier direct, IntSupplier adapter, int pairs) {
        double[] ratios = new double[pairs];
        double[] seconds = new double[pairs];
        for (int i = -2; i < pairs; i++) {
            boolean first = i % 2 == 0;
            double before = first ? time(direct) : 0;
            double adapted = time(adapter);
            double alone = first ? before : time(direct);
            if (i >= 0) {
                ratios[i] = adapted / alone;
                seconds[i] = alone;
            }
        }
        Arrays.sort(ratios);
        Arrays.sort(seconds);
        System.out.printf(
                Locale.ROOT,
                "%-7s %.3f (%.3f to %.3f), LemModel.chat %.1f ms%n",
                name,
                ratios[pairs / 2],
                ratios[pairs / 4],
                ratios[pairs * 3 / 4],
                seconds[pairs / 2] * 1000);
    }

    private static double time(IntSupplier answer) {
        long begun = System.nanoTime();
        if (answer.getAsInt() == 0) {
            throw new IllegalStateException("The answer is empty.");
        }
        return (System.nanoTime() - begun) / 1e9;
    }
}
