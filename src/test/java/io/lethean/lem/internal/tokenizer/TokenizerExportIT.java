package io.lethean.lem.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.gguf.GgufMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exported tokenizers make of texts what llama.cpp makes of them with the file's metadata. */
class TokenizerExportIT {

    private static final List<String> TEXTS = List.of(
            CheckText.TEXT,
            "",
            " ",
            "  two spaces, a\ttab\r\n\r\n and  the end  ",
            "<s>What is right?</s><|im_start|>user\nHi <unk> there<|im_end|> [INST] no [/INST]",
            "größer 漢字かな العربية 🙂👩‍👩‍👧 \u0000 \u00a0",
            "def f(x):\n    return {'a': [x ** 2, -1.5e-3]}");

    @TempDir
    private Path exported;

    @ParameterizedTest
    @CsvSource({"hf/llama3-spm, LLAMA", "hf/llama-bpe, LLAMA", "hf/gemma3-spm, GEMMA3", "models/hf-stories260K, LLAMA"})
    void textsBecomeTheTokensOfLlamaCpp(String fixture, TokenizerFamily family) throws Exception {
        TokenizerMetadata metadata = read(Fixtures.require(fixture), family);

        TokenizerExport.of(new GgufMetadata(metadata.values()), Path.of("model.gguf"))
                .write(exported, 512);

        HfEncoder encoder = encoder();
        for (String text : TEXTS) {
            assertThat(encoder.whole(encoder.plain(text))).as(text).isEqualTo(NativeProof.encode(metadata, text, true));
        }
        assertThat(read(exported, family).values()).containsAllEntriesOf(metadata.values());
    }

    private static TokenizerMetadata read(Path folder, TokenizerFamily family) throws IOException {
        TokenizerRequest request = new TokenizerRequest(
                folder, family, OptionalInt.empty(), OptionalInt.empty(), java.util.Optional.empty());
        return HfTokenizer.read(request, new NativeProof());
    }

    private HfEncoder encoder() throws IOException, UnknownStepException {
        TokenizerFolder folder = new TokenizerFolder(exported);
        TokenizerSource source = TokenizerSource.load(folder, TokenizerJsonReader.read(folder), OptionalInt.empty());
        return new HfEncoder(source, Pipeline.ofFile(source));
    }
}
