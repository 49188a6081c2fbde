package io.lethean.lem.internal.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncedFileTest {

    @TempDir
    Path folder;

    @Test
    void whatIsForcedWhileItIsWrittenArrivesWhole() throws IOException {
        byte[] bytes = new byte[1_000_003];
        new Random(1).nextBytes(bytes);
        Path path = folder.resolve("a");
        try (SyncedFile file = new SyncedFile(path, 1)) {
            for (int at = 0; at < bytes.length; at += 4_099) {
                file.write(ByteBuffer.wrap(bytes, at, Math.min(4_099, bytes.length - at)));
            }
            file.sync();
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(bytes);
    }

    @Test
    void closingAmidWritingLeavesNoThreadWithAClosedFile() throws IOException {
        for (int round = 0; round < 50; round++) {
            SyncedFile file = new SyncedFile(folder.resolve("b" + round), 1);
            file.write(ByteBuffer.allocate(65_536));
            file.close();
            assertThat(file.isOpen()).isFalse();
            assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(file::sync).isInstanceOf(ClosedChannelException.class);
        }
    }

    @Test
    void aFileThatIsThereIsNotOverwritten() throws IOException {
        Path path = Files.writeString(folder.resolve("c"), "kept");
        assertThatThrownBy(() -> new SyncedFile(path, 1)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(path).hasContent("kept");
    }
}
