package io.lethean.lem.evaluation.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By which files a run knows its model. */
class ModelIdentityTest {

    @TempDir
    private Path folder;

    private Path part(int number, int count, byte value) throws IOException {
        Path file = folder.resolve("m-0000" + (number + 1) + "-of-0000" + count + ".gguf");
        new GgufWriter()
                .put("split.no", GgufValue.integer(GgufType.UINT16, number))
                .put("split.count", GgufValue.integer(GgufType.UINT16, count))
                .put("split.tensors.count", GgufValue.integer(GgufType.INT32, count))
                .tensor("t" + number, List.of(2L), GgmlType.I8, GgufWriter.TensorSource.of(new byte[] {value, value}))
                .write(file);
        return file;
    }

    @Test
    void everyPartOfASplitModel_decides() throws IOException {
        Path first = part(0, 2, (byte) 1);
        Path second = part(1, 2, (byte) 2);
        String before = ModelIdentity.of(first, "engine").sha256();

        assertThat(before).isEqualTo(Sha256.of(Sha256.of(first) + "\n" + Sha256.of(second) + "\n"));
        Files.delete(second);
        part(1, 2, (byte) 3);
        assertThat(ModelIdentity.of(first, "engine").sha256()).isNotEqualTo(before);
    }

    @Test
    void modelOfOneFile_hasTheSumOfThatFile() throws IOException {
        Path file = part(0, 1, (byte) 1);

        assertThat(ModelIdentity.of(file, "engine").sha256()).isEqualTo(Sha256.of(file));
    }

    @Test
    void fileThatIsNoModel_isRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("model.gguf"), "no model");

        assertThatThrownBy(() -> ModelIdentity.of(file, "engine")).isInstanceOf(InvalidModelException.class);
    }
}
