package io.lethean.lem.evaluation.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.score.V2Score;
import io.lethean.lem.evaluation.score.V2Scorer;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NeutralTextTest {

    /** A token for every word, every punctuation mark and every three characters begun. */
    private static final ToIntFunction<String> PIECES =
            text -> text.split("(?<=\\s)|(?<=[.,;])|(?<=\\w{3})(?=\\w)").length;

    @Test
    void aNeutralText_isOfAsManyTokensForAnyLength() {
        for (int words = 1; words < 400; words += 7) {
            Kernel kernel = Kernel.ofText("txt", "conscience ".repeat(words));

            Kernel neutral = NeutralText.matching(kernel, PIECES);

            assertThat(neutral.name()).isEqualTo("neutral-txt");
            assertThat(PIECES.applyAsInt(neutral.text())).isEqualTo(PIECES.applyAsInt(kernel.text()));
        }
    }

    @Test
    void tokenizersThatCountBytes_areMatchedAsWell() {
        Kernel kernel = Kernel.ofText("txt", "Be kind, always. \u2014 \uD83D\uDE00");
        ToIntFunction<String> bytes = text -> text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;

        assertThat(bytes.applyAsInt(NeutralText.matching(kernel, bytes).text()))
                .isEqualTo(bytes.applyAsInt(kernel.text()));
    }

    @Test
    void sentencesDoNotRepeatThemselves() {
        Set<String> sentences = new HashSet<>();
        IntStream.range(0, 500).mapToObj(NeutralText::sentence).forEach(sentences::add);

        assertThat(sentences).hasSize(500);
    }

    @Test
    void nothingInItSaysWhatKernelsSay() {
        String text = String.join(
                " ", IntStream.range(0, 200).mapToObj(NeutralText::sentence).toList());
        V2Score score = new V2Scorer().rate(text);

        assertThat(score.axiomResonance()).isZero();
        assertThat(score.perspectiveTaking()).isZero();
        assertThat(score.nuance()).isZero();
        assertThat(score.metaphor()).isZero();
        assertThat(text).doesNotContain(" I ", "you", "should", "must");
    }

    @Test
    void aTokenizerThatNothingFits_isASentence() {
        ToIntFunction<String> even = text -> text.equals("odd") ? 7 : 2 * text.length();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> NeutralText.matching(Kernel.ofText("odd", "odd"), even))
                .withMessage("No neutral text of as many tokens as the kernel 'odd' was found for this tokenizer.");
    }
}
