package io.lethean.lem.convert;

import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.io.Json;
import io.lethean.lem.internal.safetensors.SafetensorsBytes;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A model folder with random values, made from a resource with its configuration and the names, types and shapes of its
 * tensors as transformers saves them. A tensor's values depend on its name alone.
 */
public final class RandomFolder {

    /** A tensor: its type as safetensors names it, and its shape. */
    private record Shape(String type, List<Long> dims) {
        long elements() {
            return dims.stream().mapToLong(Long::longValue).reduce(1, (one, other) -> one * other);
        }

        int bytes() {
            return switch (type) {
                case "F32", "U32" -> 4;
                case "BF16", "F16" -> 2;
                default -> 1;
            };
        }
    }

    private final Map<String, Object> config;
    private final Map<String, Shape> tensors = new LinkedHashMap<>();
    private final Map<String, String> expected = new LinkedHashMap<>();
    private final String tokenizer;
    private int files = 1;

    private RandomFolder(Map<?, ?> root) {
        config = object(root.get("config"));
        tokenizer = String.valueOf(root.get("tokenizer"));
        object(root.get("tensors")).forEach((name, shape) -> {
            List<?> parts = (List<?>) shape;
            tensors.put(
                    name,
                    new Shape(
                            String.valueOf(parts.getFirst()),
                            parts.stream()
                                    .skip(1)
                                    .map(each -> ((Number) each).longValue())
                                    .toList()));
        });
        object(root.get("expected")).forEach((type, hash) -> expected.put(type, String.valueOf(hash)));
    }

    private static Map<String, Object> object(@Nullable Object value) {
        Map<String, Object> object = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, each) -> object.put(String.valueOf(key), each));
        }
        return object;
    }

    /** A model of the resource folder {@code convert}. */
    public static RandomFolder of(String name) throws IOException {
        URL resource = Objects.requireNonNull(RandomFolder.class.getResource("/convert/" + name + ".json"), name);
        return read(Path.of(URI.create(resource.toString())));
    }

    /** A model of a file of that kind. */
    public static RandomFolder read(Path file) throws IOException {
        return new RandomFolder((Map<?, ?>) Json.parse(Files.readString(file)));
    }

    /** SHA-256 of the file that the pinned converter writes, by type. */
    public Map<String, String> expected() {
        return expected;
    }

    String architecture() {
        return String.valueOf(((List<?>) Objects.requireNonNull(config.get("architectures"))).getFirst());
    }

    RandomFolder config(String key, Object value) {
        config.put(key, value);
        return this;
    }

    RandomFolder withoutConfig(String key) {
        config.remove(key);
        return this;
    }

    RandomFolder tensor(String name, String type, Long... dims) {
        tensors.put(name, new Shape(type, List.of(dims)));
        return this;
    }

    RandomFolder without(String name) {
        if (tensors.remove(name) == null) {
            throw new IllegalArgumentException("The folder has no tensor " + name + ".");
        }
        return this;
    }

    /** Several files with an index. */
    RandomFolder files(int count) {
        files = count;
        return this;
    }

    /** Writes the folder, with the tokenizer of a fixture. */
    public Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> list = Files.list(tokenizerFolder())) {
            for (Path file : list.toList()) {
                String name = String.valueOf(file.getFileName());
                if (name.startsWith("tokenizer") || name.startsWith("chat_") || name.startsWith("generation_")) {
                    Files.copy(file, folder.resolve(name));
                }
            }
        }
        Files.writeString(folder.resolve("config.json"), new JsonMapper().writeValueAsString(config));
        writeTensors(folder);
        return folder;
    }

    /** A fixture, or the small tokenizer of the resources. */
    private Path tokenizerFolder() {
        URL own = RandomFolder.class.getResource("/" + tokenizer);
        return own == null ? Fixtures.require(tokenizer) : Path.of(URI.create(own.toString()));
    }

    private void writeTensors(Path folder) throws IOException {
        Map<String, String> index = new LinkedHashMap<>();
        List<String> names = List.copyOf(tensors.keySet());
        for (int file = 0; file < files; file++) {
            String name =
                    files == 1 ? "model.safetensors" : "model-0000" + (file + 1) + "-of-0000" + files + ".safetensors";
            SafetensorsBytes bytes = new SafetensorsBytes();
            for (String tensor : names.subList(names.size() * file / files, names.size() * (file + 1) / files)) {
                Shape shape = Objects.requireNonNull(tensors.get(tensor));
                bytes.raw(tensor, shape.type(), dims(shape), values(tensor, shape));
                index.put(tensor, name);
            }
            bytes.write(folder.resolve(name));
        }
        if (files > 1) {
            Files.writeString(
                    folder.resolve("model.safetensors.index.json"),
                    new JsonMapper().writeValueAsString(Map.of("weight_map", index)));
        }
    }

    private static String dims(Shape shape) {
        return shape.dims().stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    }

    /** Normal values around 0; bytes and words of any bits. */
    private static byte[] values(String name, Shape shape) {
        Random random = new Random(name.hashCode());
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(shape.elements() * shape.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            switch (shape.type()) {
                case "F32" -> bytes.putFloat((float) (0.05 * random.nextGaussian()));
                case "BF16" ->
                    bytes.putShort((short) (Float.floatToRawIntBits((float) (0.05 * random.nextGaussian())) >>> 16));
                case "F16" -> bytes.putShort(Float.floatToFloat16((float) (0.05 * random.nextGaussian())));
                case "U32" -> bytes.putInt(random.nextInt());
                default -> bytes.put((byte) random.nextInt(100, 140));
            }
        }
        return bytes.array();
    }
}
