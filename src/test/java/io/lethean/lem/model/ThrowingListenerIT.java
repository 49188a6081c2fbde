package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one caller's listener throws reaches that caller alone, also when it comes with the end of the text. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ThrowingListenerIT {

    private static final String PROMPT = "Who are you?";

    @TempDir
    Path folder;

    private LemModel load() throws IOException {
        Path file = folder.resolve("model.gguf");
        RandomModel.llama(2, 64, 4, 2, 128, 500).write(file, 3);
        return LemModel.load(
                file,
                ModelOptions.builder()
                        .device("cpu")
                        .threads(1)
                        .contextTokens(512)
                        .parallel(2)
                        .build());
    }

    private static GenerationOptions.Builder tokens(int count) {
        return GenerationOptions.builder().maxTokens(count).temperature(0.8).seed(5);
    }

    /** A sequence of which the text's last character may be the first, so that it is held back until the text ends. */
    private static String stopThatNeverComes(String text) {
        return text.substring(text.length() - 1) + "\u0001\u0001";
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatAListenerThrowsAtTheLastPiece_isThrownToItsCallerAlone(boolean error) throws Exception {
        try (LemModel model = load();
                ExecutorService threads = Executors.newCachedThreadPool()) {
            String text = model.generate(PROMPT, tokens(8).build()).text();
            Generation expected = model.generate(PROMPT, tokens(200).build());
            GenerationOptions options = tokens(8).stop(stopThatNeverComes(text)).build();
            CountDownLatch speaking = new CountDownLatch(1);
            Future<Generation> other =
                    threads.submit(() -> model.generate(PROMPT, tokens(200).build(), piece -> speaking.countDown()));
            speaking.await();
            StringBuilder heard = new StringBuilder();

            assertThatThrownBy(() -> model.generate(PROMPT, options, piece -> {
                        heard.append(piece);
                        if (heard.length() == text.length()) {
                            throwOne(error);
                        }
                    }))
                    .hasMessage("Enough.");

            assertThat(heard.toString()).isEqualTo(text);
            assertThat(other.get().tokens()).isEqualTo(expected.tokens());
        }
    }

    private static void throwOne(boolean error) {
        if (error) {
            throw new AssertionError("Enough.");
        }
        throw new IllegalStateException("Enough.");
    }
}
