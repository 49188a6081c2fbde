package io.lethean.lem.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.gguf.ExpectedMetadata;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the pinned converter writes for a fixture: the content of its expected-gguf.json. */
final class ExpectedGguf {

    /** Made from the folder's name, which is not the fixture's own. */
    private static final List<String> LEFT_OUT =
            List.of("general.name", "general.basename", "general.size_label", "general.quantization_version");

    private ExpectedGguf() {}

    /** Compares every value and the bytes of every tensor, in their order. */
    static void assertSame(Path actual, Path folder) throws IOException {
        GgufFile file = GgufFile.read(actual);
        Map<String, @Nullable Object> found =
                ExpectedMetadata.plain(file.metadata().asMap());
        LEFT_OUT.forEach(found::remove);
        assertThat(found).containsExactlyEntriesOf(ExpectedMetadata.of(folder, ""));
        Map<String, String> tensors = new LinkedHashMap<>();
        ((Map<?, ?>) ExpectedMetadata.file(folder).get("tensors"))
                .forEach((name, tensor) -> tensors.put(String.valueOf(name), text(tensor)));
        assertThat(tensors(file)).containsExactlyEntriesOf(tensors);
    }

    static Map<String, String> tensors(GgufFile file) throws IOException {
        Map<String, String> tensors = new LinkedHashMap<>();
        try (GgufTensorData data = GgufTensorData.open(file)) {
            for (GgufTensor tensor : file.tensors()) {
                tensors.put(tensor.name(), tensor.type() + " " + tensor.dims() + " " + Sha256.of(data.bytes(tensor)));
            }
        }
        return tensors;
    }

    private static String text(Object tensor) {
        Map<?, ?> values = (Map<?, ?>) tensor;
        return values.get("type") + " " + values.get("shape") + " " + values.get("sha256");
    }
}
