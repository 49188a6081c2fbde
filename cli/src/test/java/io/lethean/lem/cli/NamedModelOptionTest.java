package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.model.ModelOptions;
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

class NamedModelOptionTest {

    private static final CommandSpec COMMAND = new CommandLine(CommandSpec.create()).getCommandSpec();
    private static final ModelOptions DEFAULTS = ModelOptions.builder().build();
    private static final NamedModelOption OPTION = new NamedModelOption(COMMAND, List.of(), DEFAULTS);

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
        assertThat(OPTION.parse("LEK 1B=" + model)).isEqualTo(new NamedModel("LEK 1B", model, List.of(), DEFAULTS));
        assertThat(OPTION.parse(model.toString()).name()).isEqualTo("m-1");
        assertThat(OPTION.parse(model + "+" + adapter).name()).isEqualTo("m-1+kind");
    }

    @Test
    void adaptersFollowTheModel() throws IOException {
        NamedModel tuned = OPTION.parse("tuned=" + model + "+" + adapter + "=0.5+" + adapter);

        assertThat(tuned.file()).isEqualTo(model);
        assertThat(tuned.adapters()).containsExactly(new AdapterUse(adapter, 0.5f), AdapterUse.of(adapter));
        assertThat(OPTION.parse(model + "+" + adapter + "=2").adapters()).containsExactly(new AdapterUse(adapter, 2));
    }

    @Test
    void adaptersOfTheCommandFollowThoseOfTheModel() throws IOException {
        NamedModelOption option = new NamedModelOption(COMMAND, List.of(new AdapterUse(adapter, 3)), DEFAULTS);

        assertThat(option.parse(model + "+" + adapter).adapters())
                .containsExactly(AdapterUse.of(adapter), new AdapterUse(adapter, 3));
        assertThat(option.parse(model + "+" + adapter).name()).isEqualTo("m-1+kind");
    }

    @Test
    void aPlusInAFileThatIsThere_isPartOfItsName() throws IOException {
        Path odd = Files.writeString(folder.resolve("a+b.gguf"), "");

        assertThat(OPTION.parse("x=" + odd)).isEqualTo(new NamedModel("x", odd, List.of(), DEFAULTS));
    }

    @Test
    void whatIsNotThere_isASentence() {
        assertThatThrownBy(() -> OPTION.parse("a=none.gguf+" + adapter))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("The model none.gguf does not exist");
        assertThatThrownBy(() -> OPTION.parse("a=" + model + "+none.gguf"))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("The adapter none.gguf");
        assertThatThrownBy(() -> OPTION.parse("a:b=" + model))
                .hasMessageContaining("'a:b' cannot be the name of a model");
    }
}
