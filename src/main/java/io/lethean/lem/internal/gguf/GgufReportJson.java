package io.lethean.lem.internal.gguf;

import io.lethean.lem.InvalidModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** A report as JSON, for programs: long arrays are cut as in the text, texts are whole. */
final class GgufReportJson {

    private static final int ELEMENTS_SHOWN = 6;

    private GgufReportJson() {}

    static String write(
            Path path, @Nullable GgufFile file, List<String> warnings, @Nullable InvalidModelException refusal) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("path", path.toString());
        if (file != null) {
            putFile(report, file);
        }
        report.put("warnings", warnings);
        Map<String, Object> verdict = new LinkedHashMap<>();
        verdict.put("accepted", refusal == null);
        if (refusal != null) {
            verdict.put("rule", refusal.rule());
            verdict.put("message", refusal.getMessage());
        }
        report.put("verdict", verdict);
        return JsonMapper.shared().writeValueAsString(report);
    }

    private static void putFile(Map<String, Object> report, GgufFile file) {
        report.put("parts", file.paths().stream().map(Path::toString).toList());
        report.put("version", file.version());
        report.put("alignment", file.alignment());
        report.put("file_bytes", file.fileSize());
        report.put("data_offset", file.dataOffset());
        report.put("parameters", file.parameterCount());
        report.put("tensor_bytes", file.tensorBytes());
        Map<String, Object> metadata = new LinkedHashMap<>();
        file.metadata().asMap().forEach((key, value) -> metadata.put(key, value(value)));
        report.put("metadata", metadata);
        report.put(
                "tensors", file.tensors().stream().map(GgufReportJson::tensor).toList());
    }

    private static Map<String, Object> value(GgufValue value) {
        Map<String, Object> json = new LinkedHashMap<>();
        switch (value) {
            case GgufScalar scalar -> {
                json.put("type", scalar.type().shortName());
                json.put("value", number(scalar));
            }
            case GgufText text -> {
                json.put("type", text.type().shortName());
                json.put("value", text.toString());
            }
            case GgufArray array -> {
                json.put("type", "arr");
                json.put("element_type", array.elementType().shortName());
                json.put("size", array.size());
                json.put("first", first(array));
            }
        }
        return json;
    }

    private static List<Object> first(GgufArray array) {
        List<Object> elements = new ArrayList<>();
        for (int i = 0; i < Math.min(array.size(), ELEMENTS_SHOWN); i++) {
            elements.add(array.get(i) instanceof GgufScalar scalar ? number(scalar) : array.textAt(i));
        }
        return elements;
    }

    /** A u64 beyond 2^63 becomes a text, as JSON's readers would round it. */
    private static Object number(GgufScalar scalar) {
        return switch (scalar.type()) {
            case BOOL -> scalar.asBoolean();
            case FLOAT32 -> (float) scalar.asDouble();
            case FLOAT64 -> scalar.asDouble();
            case UINT64 -> scalar.asLong() < 0 ? scalar.toString() : scalar.asLong();
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, INT64 -> scalar.asLong();
            case STRING, ARRAY -> throw new AssertionError(scalar.type());
        };
    }

    private static Map<String, Object> tensor(GgufTensor tensor) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", tensor.name());
        json.put("shape", tensor.dims());
        json.put("type", tensor.type().ggmlName());
        json.put("bytes", tensor.bytes());
        json.put("offset", tensor.offset());
        json.put("part", tensor.part());
        return json;
    }
}
