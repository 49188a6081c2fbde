package io.lethean.lem.internal.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlatformTest {

    @Test
    void everySystemIsNamedAsItsJarIs() {
        assertThat(Platform.of("Linux", "amd64")).hasToString("linux-x86_64");
        assertThat(Platform.of("Linux", "aarch64")).hasToString("linux-aarch64");
        assertThat(Platform.of("Windows 11", "amd64")).hasToString("windows-x86_64");
        assertThat(Platform.of("Windows Server 2022", "x64")).hasToString("windows-x86_64");
        assertThat(Platform.of("Mac OS X", "aarch64")).hasToString("macos-aarch64");
        assertThat(Platform.of("Darwin", "arm64")).hasToString("macos-aarch64");
        assertThat(Platform.of("Free BSD", "riscv64")).hasToString("free_bsd-riscv64");
    }

    @Test
    void librariesHaveTheNamesOfTheirSystem() {
        assertThat(Platform.of("Linux", "amd64").library("lem-llama")).isEqualTo("liblem-llama.so");
        assertThat(Platform.of("Mac OS X", "aarch64").library("lem-llama")).isEqualTo("liblem-llama.dylib");
        assertThat(Platform.of("Windows 10", "amd64").library("lem-llama")).isEqualTo("lem-llama.dll");
        assertThat(Platform.CURRENT.library("lem-llama")).isEqualTo(System.mapLibraryName("lem-llama"));
    }

    @Test
    void backendsHaveTheNamesThatGgmlLooksFor() {
        assertThat(Platform.of("Linux", "amd64").backend("cpu-haswell")).isEqualTo("libggml-cpu-haswell.so");
        assertThat(Platform.of("Mac OS X", "aarch64").backend("metal")).isEqualTo("libggml-metal.so");
        assertThat(Platform.of("Windows 10", "amd64").backend("cpu")).isEqualTo("ggml-cpu.dll");
    }

    @Test
    void backendIsReadFromItsFileName_andFromNoOther() {
        Platform windows = Platform.of("Windows 10", "amd64");
        Platform linux = Platform.of("Linux", "amd64");

        assertThat(windows.backendIn("ggml-cpu-zen4.dll")).isEqualTo("cpu-zen4");
        assertThat(windows.backendIn("libggml-cpu-zen4.so")).isNull();
        assertThat(windows.backendIn("ggml-.dll")).isNull();
        assertThat(linux.backendIn("libggml-cuda.so")).isEqualTo("cuda");
        assertThat(linux.backendIn("liblem-ggml-base.so")).isNull();
        assertThat(linux.backendIn("libggml-cuda.so.1")).isNull();
    }
}
