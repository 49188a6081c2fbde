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

class NamedModelTest {

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
        assertThat(NamedModel.parse("LEK 1B=" + model)).isEqualTo(new NamedModel("LEK 1B", model, List.of()));
        assertThat(NamedModel.parse(model.toString()).name()).isEqualTo("m-1");
        assertThat(NamedModel.parse(model + "+" + adapter).name()).isEqualTo("m-1+kind");
    }

    @Test
    void adaptersFollowTheModel() throws IOException {
        NamedModel tuned = NamedModel.parse("tuned=" + model + "+" + adapter + "=0.5+" + adapter);

        assertThat(tuned.file()).isEqualTo(model);
        assertThat(tuned.adapters()).containsExactly(new AdapterUse(adapter, 0.5f), AdapterUse.of(adapter));
        assertThat(NamedModel.parse(model + "+" + adapter + "=2").adapters())
                .containsExactly(new AdapterUse(adapter, 2));
    }

    @Test
    void aPlusInAFileThatIsThere_isPartOfItsName() throws IOException {
        Path odd = Files.writeString(folder.resolve("a+b.gguf"), "");

        assertThat(NamedModel.parse("x=" + odd)).isEqualTo(new NamedModel("x", odd, List.of()));
    }

    @Test
    void whatIsNotThere_isASentence() {
        assertThatThrownBy(() -> NamedModel.parse("a=none.gguf+" + adapter))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("The model none.gguf does not exist");
        assertThatThrownBy(() -> NamedModel.parse("a=" + model + "+none.gguf"))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("The adapter none.gguf");
        assertThatThrownBy(() -> NamedModel.parse("a:b=" + model)).hasMessageContaining("cannot be named 'a:b'");
    }
}
