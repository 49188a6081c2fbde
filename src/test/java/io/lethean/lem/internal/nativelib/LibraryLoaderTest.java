package io.lethean.lem.internal.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryLoaderTest {

    @TempDir
    private Path scratch;

    @Test
    void remedyFollowsFromTheWordsOfTheSystem() {
        assertThat(LibraryLoader.remedy("/x: failed to map segment from shared object", false))
                .isEqualTo("Its file system is probably mounted noexec: copy the libraries to another one and name that"
                        + " folder in -Dlem.native.path.");
        assertThat(LibraryLoader.remedy("/lib/libc.so.6: version `GLIBC_2.34' not found", false))
                .isEqualTo("The libraries need a later glibc than this system has: take the jar of LEM with the"
                        + " classifier natives-" + Platform.name()
                        + ", which needs glibc 2.28, or build them here with make native.");
        assertThat(LibraryLoader.remedy("libc.so.6: cannot open shared object file", true))
                .isEqualTo("This system has the C library musl, and the libraries of LEM's jars need glibc: build them"
                        + " here with make native, or use a system with glibc.");
        assertThat(LibraryLoader.remedy("file too short", false))
                .isEqualTo("Delete it if it is damaged, or build it for this system with make native.");
    }

    @Test
    void systemWithTheLoaderOfMuslAlone_isMusl() throws IOException {
        assertThat(LibraryLoader.isMusl(scratch)).isFalse();
        assertThat(LibraryLoader.isMusl(scratch.resolve("nowhere"))).isFalse();

        Files.createFile(scratch.resolve("ld-musl-x86_64.so.1"));
        assertThat(LibraryLoader.isMusl(scratch)).isTrue();

        Files.createFile(scratch.resolve("ld-linux-x86-64.so.2"));
        assertThat(LibraryLoader.isMusl(scratch)).isFalse();
    }
}
