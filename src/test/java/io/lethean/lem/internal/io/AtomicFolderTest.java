package io.lethean.lem.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFolderTest {

    @TempDir
    private Path parent;

    @Test
    void folder_appearsWithItsFiles() throws IOException {
        write("new", "a.json");

        assertThat(names(parent)).containsExactly("new");
        assertThat(names(parent.resolve("new"))).containsExactly("a.json");
    }

    @Test
    void olderFolder_isReplacedAsAWhole() throws IOException {
        write("new", "a.json");
        write("new", "b.json");

        assertThat(names(parent)).containsExactly("new");
        assertThat(names(parent.resolve("new"))).containsExactly("b.json");
    }

    @Test
    void emptyFolder_isFilled() throws IOException {
        Files.createDirectory(parent.resolve("new"));

        write("new", "a.json");

        assertThat(names(parent.resolve("new"))).containsExactly("a.json");
    }

    @Test
    void failure_leavesTheOlderFolderAsItWas() throws IOException {
        write("new", "a.json");

        assertThatThrownBy(() -> AtomicFolder.write(parent.resolve("new"), AtomicFolderTest::isOwn, folder -> {
                    Files.writeString(folder.resolve("b.json"), "half");
                    throw new IOException("the disk is gone");
                }))
                .hasMessage("the disk is gone");
        assertThat(names(parent)).containsExactly("new");
        assertThat(names(parent.resolve("new"))).containsExactly("a.json");
    }

    @Test
    void folderWithAnotherFile_isRefusedBeforeAnythingIsWritten() throws IOException {
        Files.writeString(Files.createDirectory(parent.resolve("new")).resolve("notes.txt"), "mine");

        assertThatThrownBy(() -> write("new", "a.json"))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("holds notes.txt");
        assertThat(names(parent)).containsExactly("new");
        assertThat(names(parent.resolve("new"))).containsExactly("notes.txt");
    }

    @Test
    void folderWithAFolder_isRefusedEvenIfItsNameIsKnown() throws IOException {
        Files.createDirectories(parent.resolve("new/a.json"));

        assertThatThrownBy(() -> write("new", "a.json"))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("holds a.json");
    }

    @Test
    void file_isNotReplacedByAFolder() throws IOException {
        Files.writeString(parent.resolve("new"), "mine");

        assertThatThrownBy(() -> write("new", "a.json"))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("is a file, and a folder is written");
        assertThat(parent.resolve("new")).hasContent("mine");
    }

    @Test
    void restOfAKilledRun_isRemoved() throws IOException {
        Files.writeString(Files.createDirectory(parent.resolve("new.part")).resolve("a.json"), "half");

        write("new", "b.json");

        assertThat(names(parent)).containsExactly("new");
        assertThat(names(parent.resolve("new"))).containsExactly("b.json");
    }

    @Test
    void folderBehindALink_isReplacedWhereItIs() throws IOException {
        write("real", "a.json");
        Files.createSymbolicLink(parent.resolve("link"), parent.resolve("real"));

        write("link", "b.json");

        assertThat(parent.resolve("link")).isSymbolicLink();
        assertThat(names(parent.resolve("real"))).containsExactly("b.json");
    }

    private void write(String name, String file) throws IOException {
        AtomicFolder.write(
                parent.resolve(name),
                AtomicFolderTest::isOwn,
                folder -> Files.writeString(folder.resolve(file), "content"));
    }

    private static boolean isOwn(String name) {
        return name.endsWith(".json");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
