package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelOptionsTest {

    private static void refused(String name, UnaryOperator<ModelOptions.Builder> change) {
        ModelOptions.Builder builder = change.apply(ModelOptions.builder());
        assertThatIllegalArgumentException().isThrownBy(builder::build).withMessageContaining(name);
    }

    @Test
    void valuesOutsideTheirRange_areRefusedByName() {
        refused("contextTokens", options -> options.contextTokens(-1));
        refused("batchTokens", options -> options.batchTokens(0));
        refused("microBatchTokens", options -> options.microBatchTokens(0));
        refused("microBatchTokens", options -> options.microBatchTokens((1 << 20) + 1));
        refused("threads", options -> options.threads(-1));
        refused("threads", options -> options.threads(513));
        refused("batchThreads", options -> options.batchThreads(100_000));
        refused("parallel", options -> options.parallel(0));
        refused("parallel", options -> options.parallel(256));
        refused("device", options -> options.device(" "));
    }

    @Test
    void aQuantizedValueCache_needsFlashAttention() {
        refused("kvTypeV", options -> options.kvTypeV(KvType.Q8_0).flashAttention(FlashAttention.OFF));
        assertThat(ModelOptions.builder().kvType(KvType.Q8_0).build().context().kvTypeV())
                .isEqualTo(KvType.Q8_0);
    }

    @Test
    void aBuilderFromOptions_buildsThemAgain() {
        ModelOptions options = ModelOptions.builder()
                .contextTokens(1)
                .batchTokens(12)
                .microBatchTokens(13)
                .threads(4)
                .batchThreads(5)
                .device("cpu")
                .gpuLayers(GpuLayers.of(6))
                .flashAttention(FlashAttention.ON)
                .kvTypeK(KvType.F32)
                .kvTypeV(KvType.BF16)
                .mmap(false)
                .checkTensors(true)
                .parallel(7)
                .progress(fraction -> false)
                .build();
        assertThat(options.toBuilder().build()).isEqualTo(options);
        assertThat(options).isNotEqualTo(ModelOptions.defaults());
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "all", "0", "12"})
    void gpuLayers_readWhatTheyPrint(String text) {
        assertThat(GpuLayers.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "many", "-1", "1.5"})
    void gpuLayers_refuseAnythingElse(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> GpuLayers.parse(text));
    }
}
