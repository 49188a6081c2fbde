package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The default model as the command knows it; {@code RealModelScriptTest} tests the download itself. */
class DefaultModelTest {

    @TempDir
    Path folder;

    @Test
    void testsSeeNoDownloadedModel() {
        assertThat(DefaultModel.ofProcess().folder().map(Path::normalize))
                .contains(Path.of("target/no-models").toAbsolutePath());
        assertThat(DefaultModel.ofProcess().cached()).isEmpty();
        assertThat(System.getenv("LEM_MODEL")).isNull();
    }

    @Test
    void withoutAHomeFolder_thereIsNoDownload() {
        assertThatThrownBy(() ->
                        new DefaultModel(Optional.empty(), Optional.empty()).fetchWithPip(console(new StringWriter())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("name a cache folder in the variable XDG_CACHE_HOME");
    }

    /** The folder cannot be made, so neither Python nor pip is asked for anything. */
    @Test
    void downloadThatFails_isASentence_withTheReasonBeforeIt() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        StringWriter err = new StringWriter();

        assertThatThrownBy(() -> new DefaultModel(Optional.of(file.resolve("models")), Optional.empty())
                        .fetchWithPip(console(err)))
                .isInstanceOf(IOException.class)
                .hasMessageMatching("(The default model could not be downloaded with pip; the reason is above|"
                        + "python3 with pip is needed).*");
        assertThat(err.toString())
                .satisfiesAnyOf(
                        text -> assertThat(text).as("without Python").isEmpty(),
                        text -> assertThat(text).contains("could not be fetched into " + file.resolve("models")));
    }

    private static Console console(StringWriter err) {
        return new Console(
                new BufferedReader(new StringReader("")),
                new PrintWriter(new StringWriter()),
                new PrintWriter(err),
                false);
    }
}
