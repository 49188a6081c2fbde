package io.lethean.lem.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFolderTest {

    private static final String REMEDY =
            "Make room there, or name another folder for temporary files: TMPDIR=FOLDER for"
                    + " the lem command, -Djava.io.tmpdir=FOLDER for Java.";

    private final String before = System.getProperty("java.io.tmpdir");

    @TempDir
    private Path scratch;

    @AfterEach
    void restore() {
        System.setProperty("java.io.tmpdir", before);
    }

    @Test
    void closing_deletesTheFolderWithItsFiles() throws IOException {
        System.setProperty("java.io.tmpdir", scratch.toString());
        try (TemporaryFolder folder = TemporaryFolder.create("lem-test")) {
            folder.write(path -> Files.writeString(path.resolve("a"), "a"));
            assertThat(scratch.toFile().list()).hasSize(1);
        }
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void missingFolder_isNamedWithTheRemedy() {
        Path missing = scratch.resolve("missing");
        System.setProperty("java.io.tmpdir", missing.toString());

        assertThatThrownBy(() -> TemporaryFolder.create("lem-test"))
                .hasMessage(
                        "Temporary files could not be written in " + missing + " (there is no such folder). " + REMEDY);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void fullDisk_isNamedWithTheRemedy() throws IOException {
        System.setProperty("java.io.tmpdir", scratch.toString());
        try (TemporaryFolder folder = TemporaryFolder.create("lem-test")) {
            assertThatThrownBy(() -> folder.write(
                            path -> Files.writeString(Path.of("/dev/full"), "a", StandardOpenOption.WRITE)))
                    .hasMessage("Temporary files could not be written in " + folder.path()
                            + " (No space left on device). " + REMEDY);
        }
    }

    @Test
    void sentenceOfAPartFile_isGivenByItsReason() throws IOException {
        System.setProperty("java.io.tmpdir", scratch.toString());
        try (TemporaryFolder folder = TemporaryFolder.create("lem-test")) {
            assertThatThrownBy(() -> folder.write(path -> {
                        throw AtomicFile.full(
                                path.resolve("a.gguf"), new FileSystemException("a", null, "Disk quota exceeded"));
                    }))
                    .hasMessageContaining("(Disk quota exceeded)");
        }
    }
}
