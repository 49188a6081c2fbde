package io.lethean.lem.evaluation.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.model.FinishReason;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerFlagTest {

    private static Set<AnswerFlag> flags(String response) {
        return AnswerFlag.of(response, Optional.of("end_of_turn"), false);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "`A plain answer.` ~ ``",
                "`` ~ EMPTY",
                "` \n\t` ~ EMPTY",
                "`<pad>` ~ SPECIAL_TOKENS_ONLY",
                "`<pad> <pad>\n<|endoftext|>` ~ SPECIAL_TOKENS_ONLY",
                "`No.<|eot_id|><|start_header_id|>assistant<|end_header_id|>No.` ~ LEAKED_TEMPLATE",
                "`Yes.<end_of_turn>` ~ LEAKED_TEMPLATE",
                "`[INST] Go on. [/INST] Well.` ~ LEAKED_TEMPLATE",
                "`<\uff5cend\u2581of\u2581sentence\uff5c> and more` ~ LEAKED_TEMPLATE",
                "`if a < b | c > d then |x| stays` ~ ``",
                "`<think>Should I?</think>I do.` ~ THINKING",
                "`Should I?</think>I do.` ~ THINKING",
                "`analysisWe need to answer.assistantfinalFour.` ~ THINKING",
                "`<|channel|>analysis<|message|>Hm.<|channel|>final<|message|>Four.` ~ LEAKED_TEMPLATE THINKING",
                "`analysis of a poem begins with its sound` ~ ``",
                "`no no no no no no no no no no no no` ~ DEGENERATE",
                "`round and round and round and round and round and round and round` ~ DEGENERATE"
            })
    void eachFaultHasItsFlag(String response, String expected) {
        Set<AnswerFlag> wanted = EnumSet.noneOf(AnswerFlag.class);
        Arrays.stream(expected.split(" "))
                .filter(s -> !s.isEmpty())
                .map(AnswerFlag::valueOf)
                .forEach(wanted::add);
        assertThat(flags(response)).isEqualTo(wanted);
    }

    @Test
    void theRecordedReasonDecidesWhetherAnAnswerWasCut() {
        assertThat(FinishReason.values()).allSatisfy(reason -> {
            Optional<String> recorded = Optional.of(reason.name().toLowerCase(Locale.ROOT));
            assertThat(AnswerFlag.of("Short.", recorded, false).contains(AnswerFlag.TRUNCATED))
                    .as(reason.name())
                    .isEqualTo(reason.isLimit());
        });
        assertThat(AnswerFlag.of(longText() + " and then", Optional.of("end_of_turn"), false))
                .isEmpty();
    }

    @Test
    void withoutAReasonALongAnswerThatEndsInsideASentenceCountsAsCut() {
        assertThat(AnswerFlag.of(longText() + " and then", Optional.empty(), false))
                .containsExactly(AnswerFlag.TRUNCATED);
        assertThat(AnswerFlag.of(longText() + " and then.", Optional.empty(), false))
                .isEmpty();
        assertThat(AnswerFlag.of("612", Optional.empty(), false)).isEmpty();
    }

    @Test
    void theEngineKnowsOfSpecialTokensThatTheTextDoesNotShow() {
        assertThat(AnswerFlag.of("", Optional.of("end_of_turn"), true)).containsExactly(AnswerFlag.SPECIAL_TOKENS_ONLY);
    }

    @Test
    void labelsAreWrittenWithHyphens() {
        assertThat(AnswerFlag.SPECIAL_TOKENS_ONLY.label()).isEqualTo("special-tokens-only");
    }

    private static String longText() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 120; i++) {
            text.append("word").append(i).append(' ');
        }
        return text.toString().strip();
    }
}
