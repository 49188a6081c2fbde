package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.InvalidModelException;
import org.junit.jupiter.api.Test;

class ErrorSentenceTest {

    @Test
    void javaNamesOfTheLibrary_becomeOptions() {
        assertThat(ErrorSentence.of(new ContextOverflowException(
                        "Load the model with contextTokens of at least 9, or shorten the prompt.", 8, 4)))
                .isEqualTo("Load the model with --context of at least 9, or shorten the prompt.");
        assertThat(ErrorSentence.of(new InvalidModelException(
                        "rule", "To read it anyway, convert it with AdapterFiles.convertForced.")))
                .isEqualTo("To read it anyway, convert it with 'lem adapter convert --force'.");
    }

    @Test
    void otherNames_stay() {
        assertThat(ErrorSentence.of(
                        new IllegalArgumentException("The file myContextTokens.gguf has no $1 microBatchTokens.")))
                .isEqualTo("The file myContextTokens.gguf has no $1 microBatchTokens.");
    }
}
