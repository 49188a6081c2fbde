package io.lethean.lem.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which added tokens become special ones when several files speak about them, as transformers decides it. */
class TokenizerSourceTest {

    @TempDir
    Path folder;

    @Test
    void addedTokenWithAStandardName_becomesSpecial() throws IOException {
        tokenizer("{\"id\": 2, \"content\": \"[END]\"}");
        config("\"eos_token\": \"[END]\"");

        assertThat(special("[END]")).isTrue();
    }

    @Test
    void addedTokenWithANameOfItsOwn_staysOrdinary() throws IOException {
        tokenizer("{\"id\": 2, \"content\": \"[END]\"}");
        config("\"image_token\": \"[END]\"");

        assertThat(special("[END]")).isFalse();
    }

    @Test
    void addedTokenWithAName_staysOrdinaryIfTheConfigsOwnListLacksIt() throws IOException {
        tokenizer("{\"id\": 2, \"content\": \"[END]\"}, {\"id\": 3, \"content\": \"[X]\"}");
        config("\"eos_token\": \"[END]\", \"added_tokens_decoder\": {\"3\": {\"content\": \"[X]\"}}");

        assertThat(special("[END]")).isFalse();
    }

    @Test
    void addedTokenOfQwen2_becomesSpecialByAnyName() throws IOException {
        tokenizer("{\"id\": 2, \"content\": \"[END]\"}");
        config("\"tokenizer_class\": \"Qwen2Tokenizer\", \"image_token\": \"[END]\"");

        assertThat(special("[END]")).isTrue();
    }

    @Test
    void namedTokenOfTheVocabulary_isAddedUnderItsId() throws IOException {
        tokenizer("");
        config("\"pad_token\": {\"content\": \"b\"}");

        assertThat(load().added().find(1)).hasValueSatisfying(token -> {
            assertThat(token.content()).isEqualTo("b");
            assertThat(token.special()).isTrue();
        });
    }

    @Test
    void namedTokenThatIsNew_followsTheHighestId() throws IOException {
        tokenizer("{\"id\": 2, \"content\": \"[END]\"}");
        config("\"pad_token\": \"[PAD]\"");

        assertThat(load().added().find("[PAD]")).contains(3);
    }

    @Test
    void addedTokenWithAGapBeforeItsId_isRefusedWithBothIds() throws IOException {
        tokenizer("{\"id\": 5, \"content\": \"[END]\"}");
        config("");

        assertThatThrownBy(this::load)
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("\"[END]\" the id 5, but by the vocabulary its id is 2");
    }

    @Test
    void twoTokensOfOneId_areRefusedByName() throws IOException {
        tokenizer("", "\"a\": 0, \"b\": 0");
        config("");

        assertThatThrownBy(this::load)
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("gives the token \"b\" the id 0, which another token has, too");
    }

    @Test
    void moreTokensThanTheModelHas_areRefusedWithBothSizes() throws IOException {
        tokenizer("{\"id\": 2, \"content\": \"[END]\"}");
        config("");
        TokenizerSource source = load();

        assertThatThrownBy(() -> source.requireRoom(OptionalInt.of(2)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("up to id 2 (\"[END]\"), but the configuration's vocab_size is 2");
    }

    private boolean special(String text) throws IOException {
        AddedTokens added = load().added();
        return added.find(added.find(text).orElseThrow()).orElseThrow().special();
    }

    private TokenizerSource load() throws IOException {
        TokenizerFolder files = new TokenizerFolder(folder);
        return TokenizerSource.load(files, TokenizerJsonReader.read(files), OptionalInt.empty());
    }

    private void tokenizer(String added) throws IOException {
        tokenizer(added, "\"a\": 0, \"b\": 1");
    }

    private void tokenizer(String added, String vocabulary) throws IOException {
        Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"added_tokens\": [" + added
                        + "], \"pre_tokenizer\": {\"type\": \"ByteLevel\"}, \"model\": {\"type\":"
                        + " \"BPE\", \"vocab\": {" + vocabulary + "}, \"merges\": []}}");
    }

    private void config(String members) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), "{" + members + "}");
    }
}
