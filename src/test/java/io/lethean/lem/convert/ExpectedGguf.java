package io.lethean.lem.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufScalar;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.io.Json;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the pinned converter writes for a fixture: the content of its expected-gguf.json. */
final class ExpectedGguf {

    /** Made from the folder's name, which is not the fixture's own. */
    private static final List<String> LEFT_OUT =
            List.of("general.name", "general.basename", "general.size_label", "general.quantization_version");

    private ExpectedGguf() {}

    /** Compares every value and the bytes of every tensor, in their order. */
    static void assertSame(Path actual, Path folder) throws IOException {
        Map<?, ?> expected = (Map<?, ?>) Json.parse(Files.readString(folder.resolve("expected-gguf.json")));
        GgufFile file = GgufFile.read(actual);
        Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
        ((Map<?, ?>) expected.get("metadata"))
                .forEach((key, value) ->
                        metadata.put(String.valueOf(key), value instanceof Map<?, ?> array ? brief(array) : value));
        Map<String, @Nullable Object> found = new LinkedHashMap<>();
        file.metadata().asMap().forEach((key, value) -> found.put(key, plain(value)));
        LEFT_OUT.forEach(found::remove);
        assertThat(found).containsExactlyEntriesOf(metadata);
        Map<String, String> tensors = new LinkedHashMap<>();
        ((Map<?, ?>) expected.get("tensors"))
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

    private static String brief(Map<?, ?> array) {
        return array.get("array") + " " + array.get("sha256_of_json");
    }

    private static Object plain(GgufValue value) {
        return switch (value) {
            case GgufScalar scalar when scalar.type() == GgufType.BOOL -> scalar.asBoolean();
            case GgufScalar scalar when scalar.isInteger() -> scalar.asLong();
            case GgufScalar scalar -> scalar.asDouble();
            case GgufArray array -> array.size() + " " + Sha256.of(json(array));
            default -> value.toString();
        };
    }

    private static String json(GgufArray array) {
        return IntStream.range(0, array.size())
                .mapToObj(i -> switch (array.elementType()) {
                    case STRING -> PythonJson.write(array.textAt(i));
                    case FLOAT32 -> PythonJson.write(array.doubleAt(i));
                    default -> PythonJson.write(array.longAt(i));
                })
                .collect(Collectors.joining(",", "[", "]"));
    }
}
