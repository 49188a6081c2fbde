package io.lethean.lem.internal.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LibraryFolderTest {

    @Test
    void platformWithAJar_isToldItsClassifier() {
        assertThat(LibraryFolder.nothingFound("windows-x86_64", List.of("this was tried", "and that")))
                .hasMessage(
                        "The native libraries for windows-x86_64 were not found: this was tried; and that. Add the jar"
                                + " io.lethean:lem with the classifier natives-windows-x86_64, or run make native in a checkout"
                                + " and name its folder in -Dlem.native.path.");
    }

    @Test
    void platformWithoutAJar_isToldToBuild() {
        assertThat(LibraryFolder.nothingFound("linux-riscv64", List.of("this was tried")))
                .hasMessage("The native libraries for linux-riscv64 were not found: this was tried. LEM has no jar of"
                        + " libraries for this platform: run make native in a checkout and name its folder in"
                        + " -Dlem.native.path.");
    }
}
