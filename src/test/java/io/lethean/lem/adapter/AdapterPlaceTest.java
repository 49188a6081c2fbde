package io.lethean.lem.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterPlaceTest {

    @TempDir
    Path folder;

    private final ModelOutline outline = AdapterExamples.model("llama");
    private Path adapter = Path.of("");

    @BeforeEach
    void writeAnAdapter() throws IOException {
        adapter = folder.resolve("from.gguf");
        AdapterFiles.writeGguf(AdapterExamples.everything(outline, 16, 1), adapter);
    }

    private void convert(AdapterFormat format, Path target) throws IOException {
        AdapterFiles.convert(adapter, outline, format, target, "base");
    }

    @Test
    void aModelAtTheTargetIsNotReplacedWhateverItIsCalled() throws IOException {
        Path model = folder.resolve("model.gguf");
        new GgufWriter().put("general.architecture", "llama").write(model);
        Path link = Files.createLink(folder.resolve("link.gguf"), model);
        byte[] before = Files.readAllBytes(model);

        assertThatThrownBy(() -> convert(AdapterFormat.GGUF, model))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(model.toString())
                .hasMessageContaining("is not a GGUF adapter");
        assertThatThrownBy(() -> convert(AdapterFormat.GGUF, link)).hasMessageContaining("is not a GGUF adapter");

        assertThat(model).hasBinaryContent(before);
    }

    @Test
    void aFileThatIsNoGgufIsNotReplaced() throws IOException {
        Path notes = Files.writeString(folder.resolve("notes.txt"), "dear diary");

        assertThatThrownBy(() -> convert(AdapterFormat.GGUF, notes)).hasMessageContaining("is not a GGUF adapter");
        assertThatThrownBy(() -> convert(AdapterFormat.PEFT, notes)).hasMessageContaining("is a file");

        assertThat(notes).hasContent("dear diary");
    }

    @Test
    void anOlderAdapterIsReplaced() throws IOException {
        Path older = folder.resolve("older.gguf");
        AdapterFiles.writeGguf(AdapterExamples.everything(outline, 8, 2), older);

        convert(AdapterFormat.GGUF, older);

        assertThat(older).hasSameBinaryContentAs(adapter);
    }

    @Test
    void missingFoldersAreMade() throws IOException {
        Path deep = folder.resolve("some/where/new.gguf");

        convert(AdapterFormat.GGUF, deep);

        assertThat(deep).hasSameBinaryContentAs(adapter);
    }

    @Test
    void aMissingAdapterIsNamed() {
        Path nowhere = folder.resolve("nowhere");

        assertThatThrownBy(() -> AdapterFiles.files(nowhere))
                .isInstanceOfSatisfying(
                        NoSuchFileException.class,
                        missing -> assertThat(missing.getReason())
                                .isEqualTo("The adapter " + nowhere + " does not exist; check the path."));
    }
}
