package io.lethean.lem.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.gguf.ExpectedMetadata;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Byte-pair folders as the pinned converter reads them, proven by llama.cpp. */
class HfTokenizerIT {

    @Test
    void byteLevelBytePairs_becomeWhatTheConverterWrites() throws IOException {
        Path folder = Fixtures.require("hf/llama-bpe");
        TokenizerMetadata metadata =
                HfTokenizer.read(TokenizerRequest.of(folder, TokenizerFamily.LLAMA, 49152), new NativeProof());
        assertThat(ExpectedMetadata.plain(metadata.values()))
                .containsExactlyEntriesOf(ExpectedMetadata.of(folder, "tokenizer."));
        assertThat(metadata.size()).isEqualTo(49152);
    }
}
