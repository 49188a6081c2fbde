package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Fixtures;
import io.lethean.lem.InvalidModelException;
import io.lethean.lem.Message;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A vocabulary without weights, on that of stories260K: {@code <s>} is 1, {@code </s>} is 2. */
class TokenizerIT {

    private static final String TEXT = "Once upon a time, </s> there was a café 🙂";

    @TempDir
    Path folder;

    private static Path stories() {
        return Fixtures.require("models/stories260K-f32.gguf");
    }

    @Test
    void aVocabularyWithoutWeights_givesTheModelsTokens() throws IOException {
        List<Message> messages = List.of(Message.user("Hi </s>"), Message.assistant("Hello"), Message.user("Bye"));
        try (Tokenizer alone = Tokenizer.load(stories());
                LemModel model = LemModel.load(stories(), LemModelIT.ONE_THREAD)) {
            Tokenizer shared = model.tokenizer();
            for (boolean addSpecial : new boolean[] {false, true}) {
                for (boolean parseSpecial : new boolean[] {false, true}) {
                    assertThat(alone.encode(TEXT, addSpecial, parseSpecial))
                            .isEqualTo(model.tokenize(TEXT, addSpecial, parseSpecial))
                            .isEqualTo(shared.encode(TEXT, addSpecial, parseSpecial));
                }
            }
            assertThat(alone.decode(alone.encode(TEXT))).isEqualTo(TEXT);
            assertThat(alone.applyTemplate(messages, true)).isEqualTo(shared.applyTemplate(messages, true));
            assertThat(alone.encodeChat(messages)).isEqualTo(shared.encodeChat(messages));
            assertThat(alone.vocabularySize()).isEqualTo(512).isEqualTo(shared.vocabularySize());
        }
    }

    @Test
    void specialTokens_areTheFiles() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.load(stories())) {
            assertThat(tokenizer.bos()).hasValue(1);
            assertThat(tokenizer.eos()).hasValue(2);
            assertThat(tokenizer.eot()).isEmpty();
            assertThat(tokenizer.encode("", true, false)).containsExactly(1);
            assertThat(tokenizer.encode("</s>", false, true)).containsExactly(2);
            assertThat(tokenizer.encode("</s>")).doesNotContain(2).hasSizeGreaterThan(1);
            assertThat(tokenizer.tokenBytes(2)).isEqualTo("</s>".getBytes(StandardCharsets.UTF_8));
            assertThat(tokenizer.chatTemplate()).isEmpty();
        }
    }

    @Test
    void aRenderedText_beginsOnce_whoeverBringsTheFirstToken() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.load(stories())) {
            List<Integer> without = tokenizer.encodeRendered("Once");
            List<Integer> with = tokenizer.encodeRendered("<s>Once");
            assertThat(without).startsWith(1).doesNotHaveDuplicates();
            assertThat(with).startsWith(1);
            assertThat(with.stream().filter(token -> token == 1)).hasSize(1);
        }
    }

    @Test
    void aFileWithNothingButAVocabulary_isEnough() throws IOException {
        Path file = folder.resolve("vocabulary.gguf");
        new GgufWriter().putAll(GgufFile.read(stories()).metadata()).write(file);
        try (Tokenizer alone = Tokenizer.load(file);
                Tokenizer whole = Tokenizer.load(stories())) {
            assertThat(alone.encode(TEXT, true, true)).isEqualTo(whole.encode(TEXT, true, true));
        }
        assertThatThrownBy(() -> LemModel.load(file)).isInstanceOf(InvalidModelException.class);
    }

    @Test
    void filesThatAreNotModels_areRefused() throws IOException {
        Path adapter = folder.resolve("adapter.gguf");
        new GgufWriter()
                .put("general.type", "adapter")
                .put("general.architecture", "llama")
                .write(adapter);
        assertThatThrownBy(() -> Tokenizer.load(folder.resolve("absent.gguf"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Tokenizer.load(adapter)).isInstanceOf(InvalidModelException.class);
    }

    @Test
    void tokensOutsideTheVocabulary_areRefused() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.load(stories())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tokenizer.decode(List.of(512)))
                    .withMessageContaining("0 to 511");
            assertThatIllegalArgumentException().isThrownBy(() -> tokenizer.tokenBytes(-1));
        }
    }

    @Test
    void afterClose_everyCallIsRefused_andClosingAgainIsNothing() throws IOException {
        Tokenizer tokenizer = Tokenizer.load(stories());
        tokenizer.close();
        tokenizer.close();
        List<Runnable> calls = List.of(
                () -> tokenizer.encode("x"),
                () -> tokenizer.encodeRendered("x"),
                () -> tokenizer.encodeChat(List.of(Message.user("x"))),
                () -> tokenizer.decode(List.of(5)),
                () -> tokenizer.tokenBytes(5),
                () -> tokenizer.applyTemplate(List.of(Message.user("x")), true),
                tokenizer::bos,
                tokenizer::eos,
                tokenizer::eot);
        for (Runnable call : calls) {
            assertThatIllegalStateException().isThrownBy(call::run).withMessageContaining("is closed");
        }
    }

    @Test
    void aModelsTokenizer_livesAsLongAsTheModel() throws IOException {
        LemModel model = LemModel.load(stories(), LemModelIT.ONE_THREAD);
        Tokenizer tokenizer = model.tokenizer();
        tokenizer.close();
        assertThat(tokenizer.encode("Once")).isEqualTo(model.tokenize("Once"));
        model.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> tokenizer.encode("Once"))
                .withMessageContaining("is closed");
    }

    @Test
    void manyVirtualThreads_getTheSameTokens_untilOneCloses() throws Exception {
        Tokenizer tokenizer = Tokenizer.load(stories());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Integer> expected = tokenizer.encode(TEXT);
            List<Future<Integer>> equal = new ArrayList<>();
            for (int thread = 0; thread < 50; thread++) {
                equal.add(threads.submit(() -> encodeUntilClosed(tokenizer, expected)));
            }
            Thread.sleep(50);
            tokenizer.close();
            for (Future<Integer> each : equal) {
                assertThat(each.get()).isNotNegative();
            }
        }
    }

    /** How often the tokens were as expected; -1 if they were not once. */
    private static int encodeUntilClosed(Tokenizer tokenizer, List<Integer> expected) {
        for (int times = 0; ; times++) {
            try {
                if (!tokenizer.encode(TEXT).equals(expected)) {
                    return -1;
                }
            } catch (IllegalStateException closed) {
                return times;
            }
        }
    }
}
