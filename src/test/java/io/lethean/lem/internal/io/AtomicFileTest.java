package io.lethean.lem.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

    @TempDir
    Path folder;

    @Test
    void textIsWrittenIntoAFolderThatIsCreated() throws IOException {
        Path file = folder.resolve("a/b/text.md");

        AtomicFile.writeText(file, "é\n");

        assertThat(file).hasContent("é\n");
        assertThat(file.getParent().toFile().list()).containsExactly("text.md");
    }

    @Test
    void existingFileIsReplaced() throws IOException {
        Path file = Files.writeString(folder.resolve("text.md"), "older and longer");

        AtomicFile.writeForced(file, channel -> AtomicFile.writeAll(channel, ByteBuffer.wrap(new byte[] {'x'})));

        assertThat(file).hasContent("x");
    }

    @Test
    void failedContent_leavesTheOlderFileAndNoTemporaryFile() throws IOException {
        Path file = Files.writeString(folder.resolve("text.md"), "older");

        assertThatThrownBy(() -> AtomicFile.write(file, part -> {
                    Files.writeString(part, "half");
                    throw new IOException("the source broke");
                }))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("the source broke");

        assertThat(file).hasContent("older");
        assertThat(folder.toFile().list()).containsExactly("text.md");
    }

    @Test
    void fullDisk_isASentenceWithTheTarget() {
        Path file = folder.resolve("text.md");

        assertThatThrownBy(() -> AtomicFile.write(file, part -> {
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(FileSystemException.class)
                .hasRootCauseMessage("No space left on device")
                .extracting(failure -> ((FileSystemException) failure).getReason())
                .isEqualTo(file + " could not be written: No space left on device. Free some space there, or choose"
                        + " another folder.");
    }

    @Test
    void fullDiskOfANestedFile_isNotNamedTwice() {
        Path inner = folder.resolve("inner");

        assertThatThrownBy(() -> AtomicFile.write(folder.resolve("outer"), part -> {
                    throw AtomicFile.full(inner, new IOException("Disk quota exceeded"));
                }))
                .hasMessageStartingWith(inner.toString());
    }
}
