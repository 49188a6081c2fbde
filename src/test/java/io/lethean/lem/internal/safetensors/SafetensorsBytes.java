package io.lethean.lem.internal.safetensors;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Builds safetensors files by hand, as the format's own description says, independently of the code under test. */
public final class SafetensorsBytes {

    private final List<String> entries = new ArrayList<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    public SafetensorsBytes f32(String name, int rows, int columns, float... values) {
        return raw(name, "F32", "[" + rows + "," + columns + "]", littleEndian(values));
    }

    /** A tensor of three dimensions. */
    public SafetensorsBytes f32(String name, int matrices, int rows, int columns, float[] values) {
        return raw(name, "F32", "[" + matrices + "," + rows + "," + columns + "]", littleEndian(values));
    }

    /** A tensor of one dimension. */
    public SafetensorsBytes vector(String name, float... values) {
        return raw(name, "F32", "[" + values.length + "]", littleEndian(values));
    }

    private static byte[] littleEndian(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    public SafetensorsBytes raw(String name, String type, String shape, byte[] bytes) {
        int begin = data.size();
        data.writeBytes(bytes);
        entries.add("\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":[" + begin
                + "," + data.size() + "]}");
        return this;
    }

    public byte[] bytes() {
        return bytes("{" + String.join(",", entries) + "}", data.toByteArray());
    }

    public static byte[] bytes(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .put(data)
                .array();
    }

    public Path write(Path file) throws IOException {
        return Files.write(file, bytes());
    }
}
