package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.adapter.AdapterUse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class GenerationOptionsTest {

    private static void refused(String sentence, UnaryOperator<GenerationOptions.Builder> change) {
        GenerationOptions.Builder builder = change.apply(GenerationOptions.builder());
        assertThatIllegalArgumentException().isThrownBy(builder::build).withMessageStartingWith(sentence);
    }

    @Test
    void filtersOutsideTheirRange_areRefusedByName() {
        refused("temperature is -0.1", options -> options.temperature(-0.1));
        refused("temperature is Infinity", options -> options.temperature(Double.POSITIVE_INFINITY));
        refused("topK is -1", options -> options.topK(-1));
        refused("typicalP is 0.0", options -> options.typicalP(0));
        refused("typicalP is 1.01", options -> options.typicalP(1.01));
        refused("typicalP is NaN", options -> options.typicalP(Double.NaN));
        refused("topP is 0.0", options -> options.topP(0));
        refused("minP is 1.5", options -> options.minP(1.5));
    }

    @Test
    void penaltiesOutsideTheirRange_areRefusedByName() {
        refused("repeatPenalty is 0.0", options -> options.repeatPenalty(0));
        refused("repeatLastN is -1", options -> options.repeatLastN(-1));
        refused("presencePenalty is NaN", options -> options.presencePenalty(Double.NaN));
        refused("presencePenalty is 1000.1", options -> options.presencePenalty(1000.1));
        refused("frequencyPenalty is -1001.0", options -> options.frequencyPenalty(-1001));
        refused("frequencyPenalty is -Infinity", options -> options.frequencyPenalty(Double.NEGATIVE_INFINITY));
    }

    @Test
    void biasOutsideItsRange_isRefusedWithTheToken() {
        refused("logitBias is Infinity for token 7", options -> options.logitBias(Map.of(7, Double.POSITIVE_INFINITY)));
        refused("logitBias is NaN for token 7", options -> options.logitBias(Map.of(7, Double.NaN)));
        refused("logitBias is -1000.5 for token 7", options -> options.logitBias(Map.of(7, -1000.5)));
        refused("logitBias is for token -1", options -> options.logitBias(Map.of(-1, 1.0)));
    }

    @Test
    void limitsOutsideTheirRange_areRefusedByName() {
        refused("maxTokens is 0", options -> options.maxTokens(0));
        refused("logprobs is -1", options -> options.logprobs(-1));
        refused("logprobs is 21 and must be between 0 and 20.", options -> options.logprobs(21));
        refused("timeLimit is PT0S", options -> options.timeLimit(Duration.ZERO));
        refused("timeLimit is PT-1S", options -> options.timeLimit(Duration.ofSeconds(-1)));
        refused(
                "timeLimit is PT8760H0.000000001S",
                options -> options.timeLimit(Duration.ofDays(365).plusNanos(1)));
    }

    @Test
    void boundsOfEachRange_areAllowed() {
        GenerationOptions options = GenerationOptions.builder()
                .typicalP(1)
                .presencePenalty(-1000)
                .frequencyPenalty(1000)
                .logitBias(Map.of(0, Double.NEGATIVE_INFINITY, 1, 1000.0))
                .logprobs(20)
                .timeLimit(Duration.ofDays(365))
                .build();
        assertThat(options.logprobs()).hasValue(20);
        assertThat(options.toBuilder().logprobs(0).build().logprobs()).hasValue(0);
    }

    @Test
    void aBuilderFromOptions_buildsThemAgain() {
        GenerationOptions options = GenerationOptions.builder()
                .maxTokens(1)
                .temperature(0.5)
                .topK(3)
                .typicalP(0.9)
                .topP(0.8)
                .minP(0.1)
                .repeatPenalty(1.1)
                .repeatLastN(5)
                .presencePenalty(0.2)
                .frequencyPenalty(0.3)
                .logitBias(Map.of(4, -1.0))
                .seed(9)
                .stop("x")
                .grammar("root ::= \"a\"")
                .logprobs(2)
                .timeLimit(Duration.ofSeconds(7))
                .adapters(List.of(AdapterUse.of(Path.of("a.gguf"))))
                .promptLookup(true)
                .build();
        assertThat(options.toBuilder().build()).isEqualTo(options);
        assertThat(options).isNotEqualTo(GenerationOptions.defaults());
    }

    @Test
    void logitBias_isCopiedAndSortedByToken() {
        Map<Integer, Double> bias = new HashMap<>(Map.of(300, 1.0, 2, 2.0, 40, 3.0));
        SamplingOptions options =
                GenerationOptions.builder().logitBias(bias).build().sampling();
        bias.clear();

        assertThat(options.logitBias().keySet()).containsExactly(2, 40, 300);
        assertThatThrownBy(() -> options.logitBias().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void onlyOptionsThatChangeNoLogit_takeTheBest() {
        assertThat(taken(options -> options)).isTrue();
        assertThat(taken(options -> options.topK(3).typicalP(0.5).topP(0.1).minP(1)))
                .isTrue();
        assertThat(taken(options -> options.temperature(0.1))).isFalse();
        assertThat(taken(options -> options.repeatPenalty(1.1))).isFalse();
        assertThat(taken(options -> options.presencePenalty(0.1))).isFalse();
        assertThat(taken(options -> options.frequencyPenalty(-0.1))).isFalse();
        assertThat(taken(options -> options.logitBias(Map.of(0, 1.0)))).isFalse();
    }

    private static boolean taken(UnaryOperator<GenerationOptions.Builder> change) {
        return change.apply(GenerationOptions.builder()).build().sampling().takesTheBest();
    }

    @Test
    void limits_areThoseReasonsThatCutAText() {
        assertThat(FinishReason.values())
                .filteredOn(FinishReason::isLimit)
                .containsExactly(FinishReason.LENGTH, FinishReason.CONTEXT_FULL, FinishReason.TIME_LIMIT);
    }
}
