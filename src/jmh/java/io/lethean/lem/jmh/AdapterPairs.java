package io.lethean.lem.jmh;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.lethean.lem.Message;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.langchain4j.LemChatModel;
import io.lethean.lem.langchain4j.LemChatRequestParameters;
import io.lethean.lem.langchain4j.LemStreamingChatModel;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/**
 * The time of an answer by LangChain4j's models on a {@link LemModel} against the time of the same answer by {@code LemModel.chat}, in
 * one process and in alternation. All answers must be equal.
 *
 * <p>Arguments: {@code key=value} with {@code model}, {@code threads} (1), {@code pairs} (31), {@code prompt} (words: 100), {@code
 * generate} (tokens: 64).
 */
public final class AdapterPairs {

    private static final int CONTEXT = 1024;
    private static final int ANY_TOKEN = 1;
    private static final String TEMPLATE =
            "{% for message in messages %}[{{ message.role }}] {{ message.content }}\n{% endfor %}[assistant] ";

    private final LemModel model;
    private final int pairs;
    private final List<Message> messages;
    private final ChatRequest request;
    private final GenerationOptions options;

    private AdapterPairs(LemModel model, Arguments given) {
        this.model = model;
        pairs = given.number("pairs", 31);
        String question = "What would a fair share be? ".repeat(given.number("prompt", 100) / 6);
        messages = List.of(Message.user(question));
        options = GenerationOptions.builder()
                .maxTokens(given.number("generate", 64))
                .build();
        request = ChatRequest.builder()
                .messages(UserMessage.from(question))
                .parameters(LemChatRequestParameters.builder()
                        .generationOptions(options)
                        .build())
                .build();
    }

    public static void main(String[] arguments) throws Exception {
        Arguments given = new Arguments(arguments);
        int threads = given.number("threads", 1);
        Path file = Path.of(given.text("model", randomModel().toString()));
        ModelOptions options = ModelOptions.builder()
                .contextTokens(CONTEXT)
                .threads(threads)
                .device("cpu")
                .build();
        try (LemModel model = LemModel.load(file, options)) {
            System.out.printf(
                    Locale.ROOT,
                    "%s, %d thread(s), %s%n",
                    model.info().architecture().description(),
                    threads,
                    file);
            System.out.println("LangChain4j        pairs  LemModel ms  adapter ms  adapter/LemModel median [min, max]");
            AdapterPairs measured = new AdapterPairs(model, given);
            measured.measure("chat", measured::chat, measured::adapterChat);
            measured.measure("streaming", measured::stream, measured::adapterStream);
            measured.measure("LemModel again", measured::chat, measured::chat);
        }
    }

    private static Path randomModel() throws IOException {
        Path file = Path.of("target/jmh/random-100m-q8_0-chat.gguf");
        if (!Files.exists(file)) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            RandomModel.hundredMillion()
                    .type(GgmlType.Q8_0)
                    .chatTemplate(TEMPLATE)
                    .write(file, 1);
        }
        return file;
    }

    private String chat() {
        return model.chat(messages, options).text();
    }

    private String adapterChat() {
        return LemChatModel.of(model).chat(request).aiMessage().text();
    }

    private String stream() {
        StringBuilder text = new StringBuilder();
        model.chat(messages, options, text::append);
        return text.toString();
    }

    private String adapterStream() {
        StringBuilder text = new StringBuilder();
        CompletableFuture<String> end = new CompletableFuture<>();
        LemStreamingChatModel.of(model).chat(request, new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String partialResponse) {
                text.append(partialResponse);
            }

            @Override
            public void onCompleteResponse(ChatResponse completeResponse) {
                end.complete(text.toString());
            }

            @Override
            public void onError(Throwable error) {
                end.completeExceptionally(error);
            }
        });
        return end.join();
    }

    private void measure(String name, Callable<String> plain, Callable<String> adapted) throws Exception {
        Seconds plainSeconds = new Seconds();
        Seconds adaptedSeconds = new Seconds();
        String expected = plain.call();
        requireEqual(expected, adapted.call());
        for (int pair = 0; pair < pairs; pair++) {
            boolean plainFirst = pair % 2 == 0;
            for (boolean isPlain : new boolean[] {plainFirst, !plainFirst}) {
                model.logits(List.of(ANY_TOKEN)); // which discards the prompt, so that it is evaluated again
                Seconds seconds = isPlain ? plainSeconds : adaptedSeconds;
                requireEqual(expected, seconds.measure(isPlain ? plain : adapted));
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%-17s  %5d  %11.1f  %10.1f  %s%n",
                name,
                pairs,
                plainSeconds.median() * 1000,
                adaptedSeconds.median() * 1000,
                adaptedSeconds.ratioTo(plainSeconds));
    }

    private static void requireEqual(String expected, String found) {
        if (!expected.equals(found)) {
            throw new IllegalStateException("The adapter answered differently: " + found + " instead of " + expected);
        }
    }
}
