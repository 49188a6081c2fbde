package io.lethean.lem.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Vocabularies of GGUF files as the files of a folder, and those that have no such form. */
class TokenizerExportTest {

    private static final String PREFIX = "tokenizer.ggml.";

    @TempDir
    private Path folder;

    private final Map<String, GgufValue> values = new LinkedHashMap<>();

    @Test
    void piecesOfEveryType_areReadAgainWithTheirScores() throws IOException {
        sentencePieces();

        export().write(folder, 512);

        TokenizerRequest request = TokenizerRequest.of(folder, TokenizerFamily.LLAMA, 9);
        TokenizerMetadata again = HfTokenizer.read(request, (candidate, text) -> {
            throw new AssertionError("SentencePiece needs no proof.");
        });
        assertThat(again.values()).containsAllEntriesOf(values);
    }

    @Test
    void merges_comeInTheOrderOfTheirScores() {
        sentencePieces();
        GgufVocabulary vocabulary = GgufVocabulary.of(new GgufMetadata(values), Path.of("model.gguf"));

        assertThat(new SentencePieceMerges(vocabulary).texts())
                .containsExactly(new String[] {"a", "b"}, new String[] {"a", "a"});
    }

    @Test
    void paddingAtTheEnd_isNotAToken() {
        sentencePieces();

        assertThat(export().size()).isEqualTo(8);
    }

    @Test
    void tokensThatEndAnAnswer_includeTheEndsOfTurns() {
        sentencePieces();

        assertThat(export().ends()).containsExactly(2, 7);
    }

    @Test
    void piecesOfOneScore_areRefused() {
        sentencePieces();
        values.put(
                PREFIX + "scores", GgufArray.ofFloats(-1000, -1000, -1000, -1000, -1000, -1000, -1000, -1000, -1000));

        assertThatThrownBy(this::export)
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("gives all 4 tokens the score -1000.0")
                .hasMessageContaining("copy the tokenizer's files from the original model");
    }

    @Test
    void unknownPreTokenizer_isRefusedByName() {
        bytePairs("superbpe");

        assertThatThrownBy(this::export)
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("has the pre-tokenizer \"superbpe\"")
                .hasMessageContaining("smollm");
    }

    @Test
    void otherKinds_areRefusedByName() {
        bytePairs("gpt-2");
        values.put(PREFIX + "model", GgufValue.of("t5"));

        assertThatThrownBy(this::export)
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("of the kind \"t5\"");
    }

    @Test
    void fileWithoutTokens_isRefused() {
        assertThatThrownBy(this::export)
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("The file model.gguf has no tokens");
    }

    @Test
    void tokenThatIsThereTwice_isRefusedWithBothIds() {
        bytePairs("gpt-2");
        values.put(PREFIX + "tokens", GgufArray.ofStrings(List.of("a", "b", "a", "<e>")));

        assertThatThrownBy(this::export)
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("\"a\" twice, with the ids 0 and 2");
    }

    @Test
    void beginOfText_isAddedIfThePreTokenizerDoesSoByItself() throws IOException {
        bytePairs("llama-bpe");
        export().write(folder, 512);

        TokenizerFolder files = new TokenizerFolder(folder);
        TokenizerSource source = TokenizerSource.load(files, TokenizerJsonReader.read(files), OptionalInt.empty());
        assertThat(source.json().rest().path("post_processor").toString()).contains("\"SpecialToken\":{\"id\":\"<e>\"");
    }

    @Test
    void namedTemplates_areInAList() throws IOException {
        bytePairs("gpt-2");
        values.put("tokenizer.chat_template", GgufValue.of("main"));
        values.put("tokenizer.chat_templates", GgufArray.ofStrings(List.of("tool_use")));
        values.put("tokenizer.chat_template.tool_use", GgufValue.of("tools"));
        export().write(folder, 512);

        assertThat(Files.readString(folder.resolve("tokenizer_config.json")))
                .containsSubsequence("\"default\"", "\"main\"", "\"tool_use\"", "\"tools\"");
    }

    private TokenizerExport export() {
        return TokenizerExport.of(new GgufMetadata(values), Path.of("model.gguf"));
    }

    private void sentencePieces() {
        values.put(PREFIX + "model", GgufValue.of("llama"));
        values.put(PREFIX + "pre", GgufValue.of("default"));
        values.put(
                PREFIX + "tokens",
                GgufArray.ofStrings(List.of("<unk>", "<s>", "</s>", "a", "b", "ab", "aa", "<|im_end|>", "[PAD8]")));
        values.put(PREFIX + "scores", GgufArray.ofFloats(0, 0, 0, -3, -4, -1, -2, -1000, -10_000));
        values.put(PREFIX + "token_type", GgufArray.ofIntegers(GgufType.INT32, 2, 3, 3, 1, 1, 1, 1, 3, 5));
        values.put(PREFIX + "bos_token_id", GgufValue.uint32(1));
        values.put(PREFIX + "eos_token_id", GgufValue.uint32(2));
        values.put(PREFIX + "add_bos_token", GgufValue.of(true));
    }

    private void bytePairs(String pre) {
        values.put(PREFIX + "model", GgufValue.of("gpt2"));
        values.put(PREFIX + "pre", GgufValue.of(pre));
        values.put(PREFIX + "tokens", GgufArray.ofStrings(List.of("a", "b", "ab", "<e>")));
        values.put(PREFIX + "token_type", GgufArray.ofIntegers(GgufType.INT32, 1, 1, 1, 3));
        values.put(PREFIX + "merges", GgufArray.ofStrings(List.of("a b")));
        values.put(PREFIX + "bos_token_id", GgufValue.uint32(3));
    }
}
