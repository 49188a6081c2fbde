package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.cli.LocatedModel.Source;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
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
        return new ModelLocator(
                environment,
                folder,
                folder.resolve("home"),
                new DefaultModel(Optional.of(folder.resolve("cache")), Optional.of(folder.resolve("hub"))),
                new HubNames(environment, new PrintWriter(new StringWriter())));
    }

    private void config(String json) throws IOException {
        Files.writeString(folder.resolve("lem.config.json"), json);
    }

    @Test
    void optionWinsOverEverything() throws IOException {
        config("{\"default_model\": \"weights/small.gguf\"}");

        assertThat(locator(Map.of("LEM_MODEL", variable.toString())).locate(option))
                .isEqualTo(new LocatedModel(option, Source.OPTION));
    }

    @Test
    void variableWinsOverConfig() throws IOException {
        config("{\"default_model\": \"weights/small.gguf\"}");

        assertThat(locator(Map.of("LEM_MODEL", variable.toString())).locate(null))
                .isEqualTo(new LocatedModel(variable, Source.VARIABLE));
    }

    @Test
    void configNamesAFileOrANameInItsModelFolder() throws IOException {
        config("{\"default_model\": \"weights/small.gguf\"}");
        assertThat(locator(Map.of()).locate(null)).isEqualTo(new LocatedModel(configured, Source.CONFIGURATION));

        config("{\"model_dir\": \"weights\", \"default_model\": \"small\"}");
        assertThat(locator(Map.of()).locate(null)).isEqualTo(new LocatedModel(configured, Source.CONFIGURATION));
    }

    @Test
    void configuredModelThatIsMissing_isNamedWithBothPlaces() throws IOException {
        config("{\"model_dir\": \"weights\", \"default_model\": \"gemma-3-1b-it\"}");

        assertThatThrownBy(() -> locator(Map.of()).locate(null))
                .extracting(ErrorSentence::of)
                .isEqualTo("The model gemma-3-1b-it, named by default_model of " + folder.resolve("lem.config.json")
                        + ", is neither a file nor in the folder " + folder.resolve("weights") + "; check the path.");
        Path unconverted = Files.createDirectories(folder.resolve("weights/gemma-3-1b-it"));
        assertThat(locator(Map.of()).locate(null).file()).isEqualTo(unconverted);
    }

    @Test
    void projectsOwnModelComesLast_andSaysLoudlyWhatItIs() throws IOException {
        LocatedModel found = locator(Map.of("LEM_MODEL", " ")).locate(null);

        assertThat(found).isEqualTo(new LocatedModel(bundled, Source.TEST_MODEL));
        assertThat(found.sentence())
                .isEqualTo("lem: No model is named, and the default model is not downloaded, so " + bundled
                        + " is used: a TEST MODEL THAT WRITES WITHOUT MEANING. 'lem pull default' downloads"
                        + " SmolLM2-135M-Instruct (98 MB); --model names another.");
        assertThat(locator(Map.of()).locate(bundled).sentence())
                .isEqualTo("lem: Model " + bundled + ", named by --model.");
    }

    private Path download(long bytes) throws IOException {
        return download("cache/SmolLM2-135M-Instruct.Q4_1.gguf", bytes);
    }

    private Path download(String name, long bytes) throws IOException {
        Path file = file(name);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(bytes);
        }
        return file;
    }

    @Test
    void defaultModelThatWasDownloaded_comesBeforeTheTestModel_andAfterWhatIsNamed() throws IOException {
        Path downloaded = download(98_362_432);

        assertThat(locator(Map.of()).locate(null)).isEqualTo(new LocatedModel(downloaded, Source.DEFAULT));
        assertThat(locator(Map.of()).locate(null).sentence())
                .isEqualTo("lem: Model " + downloaded + ", the default model; --model names another.");
        config("{\"default_model\": \"weights/small.gguf\"}");
        assertThat(locator(Map.of()).locate(null).file()).isEqualTo(configured);
    }

    @Test
    void defaultModelInTheCacheOfTheHub_isUsedToo() throws IOException {
        Path downloaded = download(
                "hub/models--QuantFactory--SmolLM2-135M-Instruct-GGUF/snapshots/"
                        + "ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf",
                98_362_432);

        assertThat(locator(Map.of()).locate(null)).isEqualTo(new LocatedModel(downloaded, Source.DEFAULT));
    }

    @Test
    void defaultModelOfAnotherSize_isNotUsed() throws IOException {
        download(98_362_431);

        assertThat(locator(Map.of()).locate(null).source()).isEqualTo(Source.TEST_MODEL);
    }

    @Test
    void noModelAnywhere_saysHowToNameOne() throws IOException {
        Files.delete(bundled);

        assertThatThrownBy(() -> locator(Map.of()).locate(null))
                .isInstanceOf(NoSuchFileException.class)
                .extracting(ErrorSentence::of)
                .isEqualTo(
                        "No model is named, the default model is not downloaded, and models/lem-nano.gguf is not there;"
                                + " run 'lem pull default', or name a model with --model, the variable LEM_MODEL, or"
                                + " default_model in lem.config.json.");
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
