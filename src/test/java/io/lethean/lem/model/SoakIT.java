package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lethean.lem.ChildJvm;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of `make soak`. */
class SoakIT {

    @TempDir
    Path folder;

    @Test
    void requestsThatAreCancelledInterruptedOrRefused_leaveNothingInTheProcess() {
        assumeTrue(ProcessMemory.isKnown(), "memory is read as Linux with glibc tells it");
        ChildJvm child = ChildJvm.run(Soak.class, folder.toString(), "300", "150", "1");
        System.out.println(child.output());
        assertThat(child.output().strip()).endsWith("PASSED");
        assertThat(child.output())
                .contains("cancelled by another thread: CANCELLED")
                .contains("interrupted: CANCELLED")
                .contains("listener throws: thrown to the caller")
                .contains("client disconnects: thrown to the caller")
                .contains("prompt too long: refused")
                .contains("bad schema: refused")
                .contains(": refused, the model is busy")
                .contains("adapters: set")
                .contains("6 answers compared with a fresh model");
        assertThat(child.exitCode()).isZero();
    }
}
