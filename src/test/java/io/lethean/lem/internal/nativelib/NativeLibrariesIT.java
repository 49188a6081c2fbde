package io.lethean.lem.internal.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NativeLibrariesIT {

    @Test
    void everySymbolAndStructOfTheBindingsIsInTheBuild() {
        NativeLibraries libraries = NativeLibraries.load();

        assertThat(libraries.release()).isEqualTo(Pin.read().release());
        assertThat(libraries.folder()).isDirectory();
    }

    @Test
    void loadingAgainGivesTheSameLibraries() {
        assertThat(NativeLibraries.load()).isSameAs(NativeLibraries.load());
    }

    @Test
    void theCpuBackendIsLoaded() {
        assertThat(NativeLibraries.load().backends()).anySatisfy(backend -> {
            assertThat(backend.name()).isEqualTo("cpu");
            assertThat(backend.loaded()).isTrue();
        });
    }
}
