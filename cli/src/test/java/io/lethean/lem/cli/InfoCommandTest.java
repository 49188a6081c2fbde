package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.model.Device;
import io.lethean.lem.model.Libraries;
import org.junit.jupiter.api.Test;

class InfoCommandTest {

    private static final long MEBI = 1 << 20;

    private static String describe(long free, long total) {
        return InfoCommand.describe(new Device("CPU", "processor", false, free, total));
    }

    @Test
    void memoryInUse_isNotCalledFree_andUnknownUseIsNotClaimed() {
        assertThat(describe(3 * MEBI, 8 * MEBI)).isEqualTo("processor, 3.0 MiB free of 8.0 MiB");
        assertThat(describe(8 * MEBI, 8 * MEBI)).isEqualTo("processor, 8.0 MiB");
        assertThat(describe(0, 0)).isEqualTo("processor");
    }

    @Test
    void backendIsNamedByItsFile_orSaysWhyItIsNotUsed() {
        assertThat(InfoCommand.describe(new Libraries.Backend("cpu", true, "libggml-cpu-haswell.so")))
                .isEqualTo("libggml-cpu-haswell.so");
        assertThat(InfoCommand.describe(new Libraries.Backend("cuda", false, "libcublas.so.13 is missing")))
                .isEqualTo("not used: libcublas.so.13 is missing");
    }
}
