package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.adapter.AdapterUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class NamedModelTest {

    private static final CommandSpec COMMAND = new CommandLine(CommandSpec.create()).getCommandSpec();

    @TempDir
    private Path folder;

    private Path model;
    private Path adapter;

    @BeforeEach
    void write() throws IOException {
        model = Files.writeString(folder.resolve("m-1.gguf"), "");
        adapter = Files.writeString(folder.resolve("kind.gguf"), "");
    }

    @Test
    void aModelIsNamedAsGivenOrAsItsFiles() throws IOException {
        assertThat(NamedModel.parse(COMMAND, "LEK 1B=" + model)).isEqualTo(new NamedModel("LEK 1B", model, List.of()));
        assertThat(NamedModel.parse(COMMAND, model.toString()).name()).isEqualTo("m-1");
        assertThat(NamedModel.parse(COMMAND, model + "+" + adapter).name()).isEqualTo("m-1+kind");
    }

    @Test
    void adaptersFollowTheModel() throws IOException {
        NamedModel tuned = NamedModel.parse(COMMAND, "tuned=" + model + "+" + adapter + "=0.5+" + adapter);

        assertThat(tuned.file()).isEqualTo(model);
        assertThat(tuned.adapters()).containsExactly(new AdapterUse(adapter, 0.5f), AdapterUse.of(adapter));
        assertThat(NamedModel.parse(COMMAND, model + "+" + adapter + "=2").adapters())
                .containsExactly(new AdapterUse(adapter, 2));
    }

    @Test
    void aPlusInAFileThatIsThere_isPartOfItsName() throws IOException {
        Path odd = Files.writeString(folder.resolve("a+b.gguf"), "");

        assertThat(NamedModel.parse(COMMAND, "x=" + odd)).isEqualTo(new NamedModel("x", odd, List.of()));
    }

    @Test
    void whatIsNotThere_isASentence() {
        assertThatThrownBy(() -> NamedModel.parse(COMMAND, "a=none.gguf+" + adapter))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("The model none.gguf does not exist");
        assertThatThrownBy(() -> NamedModel.parse(COMMAND, "a=" + model + "+none.gguf"))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("The adapter none.gguf");
        assertThatThrownBy(() -> NamedModel.parse(COMMAND, "a:b=" + model))
                .hasMessageContaining("'a:b' cannot be the name of a model");
    }
}
