package io.lethean.lem.internal.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Fixtures;
import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufCheckTest {

    /** Proved elsewhere: by the tests of split files, of adapters, and of files with a header too long to write. */
    private static final Set<GgufRule> PROVED_ELSEWHERE =
            Set.of(GgufRule.ADAPTER_KEYS, GgufRule.ADAPTER_BASE, GgufRule.ADAPTER_TENSORS);

    @TempDir
    static Path folder;

    @TestFactory
    Stream<DynamicTest> badFilesAreRefusedByTheirRuleAndOthersPass() throws IOException {
        return BadGgufFiles.all(folder).stream()
                .map(bad -> DynamicTest.dynamicTest(bad.name(), () -> {
                    Path path = bad.write(folder);
                    if (bad.expectation() == BadGgufFiles.Expectation.REFUSED_BY_RULE) {
                        assertThatThrownBy(() -> GgufCheck.requireModel(GgufFile.read(path)))
                                .isInstanceOfSatisfying(InvalidModelException.class, e -> {
                                    assertThat(e.rule()).isEqualTo(bad.rule().id());
                                    assertThat(e).hasMessageContaining(path.toString());
                                });
                    } else {
                        assertThatCode(() -> GgufCheck.requireModel(GgufFile.read(path)))
                                .doesNotThrowAnyException();
                    }
                }));
    }

    @Test
    void everyRuleHasAFileThatBreaksIt() throws IOException {
        Set<GgufRule> proved = new HashSet<>(PROVED_ELSEWHERE);
        BadGgufFiles.all(folder).forEach(bad -> {
            if (bad.rule() != null) {
                proved.add(bad.rule());
            }
        });
        assertThat(proved).containsExactlyInAnyOrder(GgufRule.values());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "models/stories260K-f32.gguf",
                "models/stories260K-q8_0.gguf",
                "models/stories260K-q4_0.gguf",
                "robustness/tiny-llama-f32.gguf"
            })
    void goodFilesPass(String fixture) throws IOException {
        GgufCheck.requireModel(GgufFile.read(Fixtures.require(fixture)));
    }

    /** It lacks tensors and a vocabulary, which llama.cpp answers with an error. */
    @Test
    void incompleteModelIsLeftToLlama() throws IOException {
        GgufCheck.requireModel(GgufFile.read(Fixtures.require("robustness/incomplete-tiny.gguf")));
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void randomModelsPass(Architecture architecture) throws IOException {
        Path path = folder.resolve(architecture + ".gguf");
        RandomModel.llama(1, 64, 4, 2, 96, 400)
                .architecture(architecture)
                .type(GgmlType.Q4_0)
                .write(path, 1);
        GgufCheck.requireModel(GgufFile.read(path));
    }

    @Test
    void hunyuanMayDeclareASingleExpert() throws IOException {
        GgufCheck.requireModel(model(writer -> writer.put("general.architecture", "hunyuan-dense")
                .put("hunyuan-dense.block_count", GgufValue.uint32(1))
                .put("hunyuan-dense.expert_count", GgufValue.uint32(1))));
    }

    @Test
    void tablesOfIdsMayBeIntegers() throws IOException {
        GgufCheck.requireModel(model(writer ->
                writer.tensor("d2t.weight", List.of(4L), GgmlType.I64, GgufWriter.TensorSource.of(new byte[32]))));
    }

    @Test
    void modelWithoutTokenizerLoadsButRefusesTexts() throws IOException {
        VocabularyGuard tokenizer = tokenizer("none", "a");
        assertThat(tokenizer.tokenizes()).isFalse();
        assertThatThrownBy(() -> tokenizer.require("text"))
                .isInstanceOfSatisfying(
                        InvalidModelException.class, e -> assertThat(e.rule()).isEqualTo("no-tokenizer"));
    }

    @Test
    void rwkvTokenizerRefusesTextsOnWhichItWouldNeverEnd() throws IOException {
        VocabularyGuard tokenizer = tokenizer("rwkv", "a", "ab", "bc", "\\xe2\\x96\\x81", "\\t", "\\n", "\\n\\n");
        tokenizer.require("aaa xyz\n\n\t");
        for (String endless : List.of("b", "xb", "\u2581")) {
            assertThatThrownBy(() -> tokenizer.require(endless))
                    .isInstanceOfSatisfying(
                            InvalidModelException.class,
                            e -> assertThat(e.rule()).isEqualTo("endless-tokenizer"));
        }
    }

    @Test
    void splittingAtWhitespaceRefusesSpacesThatLlamaCppWouldAssertOn_unlessTheTokenizerDropsThem() throws IOException {
        VocabularyGuard tokenizer = VocabularyGuard.of(
                model(writer -> writer.put("tokenizer.ggml.model", "gpt2").put("tokenizer.ggml.pre", "whitespace"))
                        .metadata());
        tokenizer.require("one two\n\nthree \u6c34");
        for (String asserted :
                List.of("two  spaces", "line \n", "\t tab", "ideographic\u3000 space", "next\u0085 line")) {
            assertThatThrownBy(() -> tokenizer.require(asserted))
                    .isInstanceOfSatisfying(
                            InvalidModelException.class,
                            e -> assertThat(e.rule()).isEqualTo("space-tokenizer"));
        }
        VocabularyGuard.of(model(writer -> writer.put("tokenizer.ggml.model", "whitespace")
                                .put("tokenizer.ggml.pre", "whitespace"))
                        .metadata())
                .require("two  spaces");
    }

    @Test
    void otherTokenizersTakeEveryText() throws IOException {
        VocabularyGuard tokenizer = tokenizer("llama", "ab", "bc");
        tokenizer.require("b \u2581 \n");
        assertThat(tokenizer.kind()).isEqualTo(VocabularyGuard.Kind.SENTENCE_PIECE);
    }

    private static VocabularyGuard tokenizer(String model, String... tokens) throws IOException {
        return VocabularyGuard.of(model(writer -> writer.put("tokenizer.ggml.model", model)
                        .put("tokenizer.ggml.tokens", GgufArray.ofStrings(Arrays.asList(tokens))))
                .metadata());
    }

    private static GgufFile model(java.util.function.Consumer<GgufWriter> fill) throws IOException {
        GgufWriter writer = new GgufWriter();
        fill.accept(writer);
        Path path = folder.resolve("model.gguf");
        writer.write(path);
        return GgufFile.read(path);
    }
}
