package io.lethean.lem.internal.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A GGUF file in the making in which nothing has to be right. */
public final class GgufDraft {

    byte[] magic = "GGUF".getBytes(StandardCharsets.US_ASCII);
    int version = 3;
    long extraTensors;
    long extraValues;
    int alignment = 32;

    /** Type id and payload of each value. */
    final Map<String, byte[]> values = new LinkedHashMap<>();

    final List<Tensor> tensors = new ArrayList<>();
    byte[] data;

    /** A tensor description. */
    static final class Tensor {
        byte[] name;
        int dimensionCount;
        long[] dims;
        int type;
        long offset;

        private Tensor(GgufTensor tensor) {
            name = tensor.name().getBytes(StandardCharsets.UTF_8);
            dims = tensor.dims().stream().mapToLong(Long::longValue).toArray();
            dimensionCount = dims.length;
            type = tensor.type().id();
            offset = tensor.offset();
        }
    }

    private GgufDraft(byte[] data) {
        this.data = data;
    }

    /** A draft that would give the same file. */
    public static GgufDraft of(Path path) throws IOException {
        GgufFile file = GgufFile.read(path);
        byte[] whole = Files.readAllBytes(path);
        GgufDraft draft = new GgufDraft(Arrays.copyOfRange(whole, (int) file.dataOffset(), whole.length));
        draft.alignment = (int) file.alignment();
        file.metadata().asMap().forEach(draft::put);
        file.tensors().forEach(tensor -> draft.tensors.add(new Tensor(tensor)));
        return draft;
    }

    GgufDraft put(String key, GgufValue value) {
        values.put(key, encoded(value));
        return this;
    }

    GgufDraft put(String key, int typeId, byte... payload) {
        values.put(key, bytes(out -> out.putInt(typeId).put(payload)));
        return this;
    }

    GgufDraft remove(String key) {
        values.remove(key);
        return this;
    }

    /** Renames a key and keeps its position. */
    GgufDraft rename(String key, String name) {
        Map<String, byte[]> old = new LinkedHashMap<>(values);
        values.clear();
        old.forEach((each, value) -> values.put(each.equals(key) ? name : each, value));
        return this;
    }

    Tensor tensor(String name) {
        return tensors.stream()
                .filter(tensor -> new String(tensor.name, StandardCharsets.UTF_8).equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The file that the draft describes. */
    public byte[] bytes() {
        var out = new ByteArrayOutputStream();
        out.writeBytes(magic);
        out.writeBytes(bytes(buffer ->
                buffer.putInt(version).putLong(tensors.size() + extraTensors).putLong(values.size() + extraValues)));
        values.forEach((key, value) -> {
            out.writeBytes(string(key.getBytes(StandardCharsets.UTF_8)));
            out.writeBytes(value);
        });
        tensors.forEach(tensor -> out.writeBytes(description(tensor)));
        while (alignment > 0 && out.size() % alignment != 0) {
            out.write(0);
        }
        out.writeBytes(data);
        return out.toByteArray();
    }

    private static byte[] description(Tensor tensor) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(string(tensor.name));
        out.writeBytes(bytes(buffer -> buffer.putInt(tensor.dimensionCount)));
        for (long dim : tensor.dims) {
            out.writeBytes(bytes(buffer -> buffer.putLong(dim)));
        }
        out.writeBytes(bytes(buffer -> buffer.putInt(tensor.type).putLong(tensor.offset)));
        return out.toByteArray();
    }

    private static byte[] encoded(GgufValue value) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(bytes(buffer -> buffer.putInt(value.type().id())));
        switch (value) {
            case GgufScalar scalar ->
                out.writeBytes(Arrays.copyOf(
                        bytes(buffer -> buffer.putLong(scalar.bits())),
                        scalar.type().bytes()));
            case GgufText text -> out.writeBytes(string(text.bytes()));
            case GgufArray array -> {
                out.writeBytes(
                        bytes(buffer -> buffer.putInt(array.elementType().id()).putLong(array.size())));
                out.writeBytes(array.encoded());
            }
        }
        return out.toByteArray();
    }

    static byte[] string(byte[] utf8) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(bytes(buffer -> buffer.putLong(utf8.length)));
        out.writeBytes(utf8);
        return out.toByteArray();
    }

    /** What is put into a little-endian buffer. */
    static byte[] bytes(java.util.function.Consumer<ByteBuffer> fill) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 10).order(ByteOrder.LITTLE_ENDIAN);
        fill.accept(buffer);
        return Arrays.copyOf(buffer.array(), buffer.position());
    }
}
