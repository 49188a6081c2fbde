package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.kernel.Kernel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts that reach the command: byte order marks, line ends, other encodings, full disks. */
class TextInputTest {

    @TempDir
    private Path folder;

    @Test
    void byteOrderMark_isNotPartOfATextOrAKernel() throws IOException {
        Path file = Files.writeString(folder.resolve("k.txt"), "\uFEFFBe kind.");

        assertThat(TextFile.read(file)).isEqualTo("Be kind.");
        assertThat(Kernel.read("k=" + file).text()).isEqualTo("Be kind.");
    }

    @Test
    void pipedPrompt_losesItsLastLineEndOnly() throws IOException {
        assertThat(prompt("Once\n")).isEqualTo("Once");
        assertThat(prompt("Once\r\n")).isEqualTo("Once");
        assertThat(prompt("Once\n\n")).isEqualTo("Once\n");
        assertThat(prompt("Once ")).isEqualTo("Once ");
    }

    private static String prompt(String piped) throws IOException {
        StringWriter nothing = new StringWriter();
        return Answers.readPrompt(new Console(
                new BufferedReader(new StringReader(piped)),
                new PrintWriter(nothing),
                new PrintWriter(nothing),
                false));
    }

    @Test
    void otherEncodingAndFullDisk_areSentences() {
        assertThat(ErrorSentence.of(new MalformedInputException(1)))
                .isEqualTo("Standard input is not UTF-8 text; convert it, for example with iconv.");
        assertThat(ErrorSentence.of(new IOException("No space left on device")))
                .startsWith("A file could not be written: No space left on device.");
    }
}
