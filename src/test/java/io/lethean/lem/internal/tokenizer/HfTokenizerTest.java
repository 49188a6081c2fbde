package io.lethean.lem.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.gguf.ExpectedMetadata;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** SentencePiece folders as the pinned converter reads them. */
class HfTokenizerTest {

    private static final PreTokenizerProof NONE_NEEDED = (candidate, text) -> {
        throw new AssertionError("SentencePiece needs no proof.");
    };

    @Test
    void llamaWithSentencePiece_becomesWhatTheConverterWrites() throws IOException {
        assertAsExpected("hf/llama3-spm", TokenizerFamily.LLAMA, 32768);
    }

    @Test
    void gemma3WithSentencePiece_becomesWhatTheConverterWrites() throws IOException {
        assertAsExpected("hf/gemma3-spm", TokenizerFamily.GEMMA3, 32768);
    }

    private static void assertAsExpected(String fixture, TokenizerFamily family, int size) throws IOException {
        Path folder = Fixtures.require(fixture);
        TokenizerMetadata metadata = HfTokenizer.read(TokenizerRequest.of(folder, family, size), NONE_NEEDED);
        assertThat(ExpectedMetadata.plain(metadata.values()))
                .containsExactlyEntriesOf(ExpectedMetadata.of(folder, "tokenizer."));
    }
}
