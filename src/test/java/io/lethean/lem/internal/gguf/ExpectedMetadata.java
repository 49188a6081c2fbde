package io.lethean.lem.internal.gguf;

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

/** Metadata in the form of a fixture's expected-gguf.json, which has a checksum in place of each array. */
public final class ExpectedMetadata {

    private ExpectedMetadata() {}

    /** The fixture's file. */
    public static Map<?, ?> file(Path folder) throws IOException {
        return (Map<?, ?>) Json.parse(Files.readString(folder.resolve("expected-gguf.json")));
    }

    /** The values that the pinned converter writes for the fixture, in its order, for the keys with this beginning. */
    public static Map<String, @Nullable Object> of(Path folder, String beginning) throws IOException {
        Map<String, @Nullable Object> expected = new LinkedHashMap<>();
        ((Map<?, ?>) file(folder).get("metadata")).forEach((key, value) -> {
            if (String.valueOf(key).startsWith(beginning)) {
                expected.put(String.valueOf(key), value instanceof Map<?, ?> array ? brief(array) : value);
            }
        });
        return expected;
    }

    /** Values of ours in that form. */
    public static Map<String, @Nullable Object> plain(Map<String, GgufValue> values) {
        Map<String, @Nullable Object> plain = new LinkedHashMap<>();
        values.forEach((key, value) -> plain.put(key, plain(value)));
        return plain;
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
