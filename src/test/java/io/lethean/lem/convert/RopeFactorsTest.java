package io.lethean.lem.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Llama 3's parameters from the factors that a GGUF file keeps. */
class RopeFactorsTest {

    @ParameterizedTest
    @CsvSource({"8, 8192, 128", "32, 8192, 64", "16, 8192, 128", "8, 4096, 64"})
    void parametersOfPublishedModels_areFoundAgain(double factor, long context, long head) {
        float[] factors = RopeFactors.of(factor, 4, context, 500_000, head);

        assertThat(RopeFactors.parameters(factors, 500_000, head, 131_072))
                .hasValueSatisfying(found -> assertThat(found)
                        .containsEntry("rope_type", "llama3")
                        .containsEntry("factor", factor)
                        .containsEntry("low_freq_factor", 1.0)
                        .containsEntry("high_freq_factor", 4.0)
                        .containsEntry("original_max_position_embeddings", context));
    }

    @Test
    void factorsOfAnotherRule_haveNoParameters() {
        float[] factors = RopeFactors.of(8, 4, 8192, 500_000, 128);
        factors[40] *= 1.01f;

        Optional<Map<String, @Nullable Object>> found = RopeFactors.parameters(factors, 500_000, 128, 131_072);

        assertThat(found).isEmpty();
    }
}
