package io.lethean.lem.internal.safetensors;

import io.lethean.lem.InvalidModelException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON header of a safetensors file: the position of each tensor.
 *
 * <p>The rules are those of the format: every tensor's byte range has exactly the length that its type and shape need,
 * and the ranges follow each other without gap or overlap from the first byte of data to the last.
 */
public record SafetensorsHeader(Map<String, SafetensorsEntry> entries) {

    /** More than any model needs: its header has about a hundred bytes per tensor. */
    static final int MAX_BYTES = 16 << 20;

    private static final String METADATA = "__metadata__";
    private static final int MAX_DIMENSIONS = 8;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(8)
                            .maxNumberLength(32)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .build();

    /**
     * @param dataBytes bytes that follow the header in the file
     * @throws InvalidModelException when the header is malformed or does not describe these bytes
     */
    static SafetensorsHeader parse(Path path, byte[] header, long dataBytes) {
        Map<String, SafetensorsEntry> entries = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : parseObject(path, header).properties()) {
            if (!property.getKey().equals(METADATA)) {
                entries.put(property.getKey(), entry(path, property.getKey(), property.getValue()));
            }
        }
        requireSeamless(path, entries, dataBytes);
        return new SafetensorsHeader(entries);
    }

    private static JsonNode parseObject(Path path, byte[] header) {
        JsonNode root;
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(header))
                    .toString();
            root = JSON.readTree(text);
        } catch (JacksonException e) {
            throw invalid("header-json", path, "has a header that is not JSON: " + e.getOriginalMessage());
        } catch (CharacterCodingException e) {
            throw invalid("header-json", path, "has a header that is not UTF-8");
        }
        if (!root.isObject()) {
            throw invalid("header-json", path, "has a header that is not a JSON object");
        }
        return root;
    }

    private static SafetensorsEntry entry(Path path, String name, JsonNode node) {
        JsonNode type = node.path("dtype");
        ElementType elementType = ElementType.named(type.isString() ? type.asString() : "")
                .orElseThrow(() -> invalid(
                        "tensor-type",
                        path,
                        "gives tensor " + quoted(name) + " the type " + type + ", which the format does not know"));
        List<Long> shape = wholeNumbers(path, name, node, "shape");
        List<Long> range = wholeNumbers(path, name, node, "data_offsets");
        if (range.size() != 2 || range.get(0) > range.get(1)) {
            throw invalid(
                    "tensor-range",
                    path,
                    "gives tensor " + quoted(name) + " the byte range " + range
                            + ", and a begin and an end are needed");
        }
        long length = range.get(1) - range.get(0);
        if (bytes(path, name, elementType, shape) != length) {
            throw invalid(
                    "tensor-range",
                    path,
                    "gives tensor " + quoted(name) + " of type " + elementType + " and shape " + shape + " a range of "
                            + length + " bytes, which is not what these need");
        }
        return new SafetensorsEntry(name, elementType, shape, range.get(0), range.get(1));
    }

    private static List<Long> wholeNumbers(Path path, String name, JsonNode node, String key) {
        JsonNode array = node.path(key);
        if (!array.isArray() || array.size() > MAX_DIMENSIONS) {
            throw invalid(
                    "tensor-" + key,
                    path,
                    "gives tensor " + quoted(name) + " no list of at most " + MAX_DIMENSIONS + " numbers as " + key);
        }
        List<Long> numbers = new ArrayList<>();
        for (JsonNode number : array.values()) {
            if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 0) {
                throw invalid(
                        "tensor-" + key,
                        path,
                        "has " + number + " in the " + key + " of tensor " + quoted(name)
                                + ", where a whole number of at least 0 is needed");
            }
            numbers.add(number.asLong());
        }
        return numbers;
    }

    private static long bytes(Path path, String name, ElementType type, List<Long> shape) {
        try {
            long bytes = type.bytes();
            for (long dimension : shape) {
                bytes = Math.multiplyExact(bytes, dimension);
            }
            return bytes;
        } catch (ArithmeticException e) {
            throw invalid(
                    "tensor-shape",
                    path,
                    "gives tensor " + quoted(name) + " the shape " + shape + ", which is larger than any file");
        }
    }

    private static void requireSeamless(Path path, Map<String, SafetensorsEntry> entries, long dataBytes) {
        List<SafetensorsEntry> byPosition = new ArrayList<>(entries.values());
        byPosition.sort(Comparator.comparingLong(SafetensorsEntry::begin).thenComparingLong(SafetensorsEntry::end));
        long expected = 0;
        for (SafetensorsEntry entry : byPosition) {
            if (entry.begin() != expected) {
                throw invalid(
                        "tensor-range",
                        path,
                        "places tensor " + quoted(entry.name()) + " at byte " + entry.begin()
                                + " of the data, and the tensor before it ends at " + expected);
            }
            expected = entry.end();
        }
        if (expected != dataBytes) {
            throw invalid(
                    "length",
                    path,
                    "describes " + expected + " bytes of data and has " + dataBytes
                            + "; it is cut off or not what was written");
        }
    }

    /** An exception for a file that breaks a rule of the format; {@code what} completes "FILE ...". */
    public static InvalidModelException invalid(String rule, Path path, String what) {
        return new InvalidModelException("safetensors-" + rule, path + " " + what + ".");
    }

    private static String quoted(@Nullable String name) {
        String text = String.valueOf(name);
        return '"' + (text.length() > 100 ? text.substring(0, 100) + "..." : text) + '"';
    }
}
