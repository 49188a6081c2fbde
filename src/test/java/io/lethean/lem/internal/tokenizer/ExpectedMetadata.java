package io.lethean.lem.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufScalar;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.io.Json;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the pinned converter writes for a fixture, in the form of its expected-gguf.json. */
final class ExpectedMetadata {

    private ExpectedMetadata() {}

    /** Compares every tokenizer key, value for value and in order. */
    static void assertSame(TokenizerMetadata actual, Path folder) throws IOException {
        Map<?, ?> file = (Map<?, ?>) Json.parse(Files.readString(folder.resolve("expected-gguf.json")));
        Map<String, @Nullable Object> expected = new LinkedHashMap<>();
        ((Map<?, ?>) file.get("metadata")).forEach((key, value) -> {
            if (String.valueOf(key).startsWith("tokenizer.")) {
                expected.put(String.valueOf(key), value instanceof Map<?, ?> array ? brief(array) : value);
            }
        });
        Map<String, @Nullable Object> plain = new LinkedHashMap<>();
        actual.values().forEach((key, value) -> plain.put(key, plain(value)));
        assertThat(plain).containsExactlyEntriesOf(expected);
    }

    private static String brief(Map<?, ?> array) {
        return array.get("array") + " " + array.get("sha256_of_json");
    }

    private static Object plain(GgufValue value) {
        return switch (value) {
            case GgufScalar scalar when scalar.type() == GgufType.BOOL -> scalar.asBoolean();
            case GgufScalar scalar -> scalar.asLong();
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
