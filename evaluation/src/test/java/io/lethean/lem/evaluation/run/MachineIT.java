package io.lethean.lem.evaluation.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What this machine says of itself. */
class MachineIT {

    @Test
    void thisMachine_hasAProcessorAndKernelsWithAChecksum() throws IOException {
        Machine here = Machine.here("cpu");

        assertThat(here.backend()).isEqualTo("cpu");
        assertThat(here.kernels()).matches("\\S*ggml-cpu\\S* [0-9a-f]{16}");
        assertThat(here.processor()).isNotEmpty();
        assertThat(here.answersAs(Machine.here("cpu"))).isTrue();
    }
}
