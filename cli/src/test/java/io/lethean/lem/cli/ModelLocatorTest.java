package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelLocatorTest {

    @TempDir
    Path folder;

    private Path option;
    private Path variable;
    private Path configured;
    private Path bundled;

    @BeforeEach
    void writeFiles() throws IOException {
        option = file("option.gguf");
        variable = file("variable.gguf");
        configured = file("weights/small.gguf");
        bundled = file("home/models/lem-nano.gguf");
    }

    private Path file(String name) throws IOException {
        Path path = folder.resolve(name);
        Files.createDirectories(path.getParent());
        return Files.createFile(path);
    }

    private ModelLocator locator(Map<String, String> environment) {
        return new ModelLocator(environment, folder, folder.resolve("home"));
    }

    private void config(String json) throws IOException {
        Files.writeString(folder.resolve("lem.config.json"), json);
    }

    @Test
    void optionWinsOverEverything() throws IOException {
        config("{\"default_model\": \"weights/small.gguf\"}");

        assertThat(locator(Map.of("LEM_MODEL", variable.toString())).locate(option))
                .isEqualTo(option);
    }

    @Test
    void variableWinsOverConfig() throws IOException {
        config("{\"default_model\": \"weights/small.gguf\"}");

        assertThat(locator(Map.of("LEM_MODEL", variable.toString())).locate(null))
                .isEqualTo(variable);
    }

    @Test
    void configNamesAFileOrANameInItsModelFolder() throws IOException {
        config("{\"default_model\": \"weights/small.gguf\"}");
        assertThat(locator(Map.of()).locate(null)).isEqualTo(configured);

        config("{\"model_dir\": \"weights\", \"default_model\": \"small\"}");
        assertThat(locator(Map.of()).locate(null)).isEqualTo(configured);
    }

    @Test
    void projectsOwnModelComesLast() throws IOException {
        assertThat(locator(Map.of()).locate(null)).isEqualTo(bundled);
        assertThat(locator(Map.of()).named(null)).isNull();
        assertThat(locator(Map.of("LEM_MODEL", " ")).named(null)).isNull();
        assertThat(locator(Map.of()).named(bundled)).isEqualTo(bundled);
    }

    @Test
    void noModelAnywhere_saysHowToNameOne() throws IOException {
        Files.delete(bundled);

        assertThatThrownBy(() -> locator(Map.of()).locate(null))
                .isInstanceOf(NoSuchFileException.class)
                .extracting(ErrorSentence::of)
                .isEqualTo("No model is named and models/lem-nano.gguf is not there; name a GGUF file with --model, the"
                        + " variable LEM_MODEL, or default_model in lem.config.json.");
    }

    @Test
    void missingFile_isNamedWithItsSource() {
        assertThatThrownBy(() -> locator(Map.of("LEM_MODEL", "nowhere.gguf")).locate(null))
                .extracting(ErrorSentence::of)
                .isEqualTo("The model nowhere.gguf, named by the variable LEM_MODEL, does not exist; check the path.");
    }

    @Test
    void brokenConfig_isOneSentence() throws IOException {
        config("{\"default_model\": ");

        assertThatThrownBy(() -> locator(Map.of()).locate(null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("lem.config.json is not valid JSON");
    }
}
