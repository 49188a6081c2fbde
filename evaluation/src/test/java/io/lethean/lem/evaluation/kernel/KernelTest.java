package io.lethean.lem.evaluation.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.Fixtures;
import io.lethean.lem.MalformedDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelTest {

    @TempDir
    private Path folder;

    @Test
    void nameAndPath_giveTheRawTextAndItsSum() throws IOException {
        Path file = Files.writeString(folder.resolve("k.json"), "{\">>\": 1,\r\n \">>\": 2}\n");

        Kernel kernel = Kernel.read("json=" + file);

        assertThat(kernel.name()).isEqualTo("json");
        assertThat(kernel.text()).isEqualTo("{\">>\": 1,\r\n \">>\": 2}\n");
        assertThat(kernel.sha256()).isEqualTo("4b2fdae3ce0614c10bad9a3ad0708471d0fe29abd4567143b9c4bc3ca6ec39fc");
    }

    @Test
    void pathAlone_isNamedByItsStem() throws IOException {
        Path file = Files.writeString(folder.resolve("lek-1.kernel.txt"), "text");

        assertThat(Kernel.read(file.toString()).name()).isEqualTo("lek-1.kernel");
    }

    @Test
    void equalsSignInAFolder_isPartOfThePath() throws IOException {
        Path file =
                Files.writeString(Files.createDirectory(folder.resolve("a=b")).resolve("k.txt"), "text");

        assertThat(Kernel.read(file.toString()).name()).isEqualTo("k");
    }

    @Test
    void publishedKernel_isReadUnchanged() throws IOException {
        Path file = Fixtures.require("lem/kernel/lek-1-kernel.txt");

        Kernel kernel = Kernel.read("txt=" + file);

        assertThat(kernel.text().codePointCount(0, kernel.text().length())).isEqualTo(9167);
    }

    @Test
    void unusableKernels_areRefusedByName() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.txt"));
        Path binary = Files.write(folder.resolve("binary.txt"), new byte[] {(byte) 0xFF, 0});
        Path absent = folder.resolve("absent.txt");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kernel.read("none=" + empty))
                .withMessageContaining("kernel 'none' is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kernel.ofText("baseline", "text"))
                .withMessageContaining("cannot be named 'baseline'");
        assertThatIllegalArgumentException().isThrownBy(() -> Kernel.ofText(" ", "text"));
        assertThatExceptionOfType(MalformedDataException.class)
                .isThrownBy(() -> Kernel.read("x=" + binary))
                .withMessage(binary + ": the kernel is not UTF-8 text.");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> Kernel.read("x=" + absent))
                .withMessageContaining("absent.txt")
                .withMessageContaining("kernel 'x'");
    }
}
