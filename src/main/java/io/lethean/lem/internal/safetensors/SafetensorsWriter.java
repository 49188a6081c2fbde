package io.lethean.lem.internal.safetensors;

import io.lethean.lem.internal.io.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes tensors as a safetensors file that appears whole or not at all. */
public final class SafetensorsWriter {

    private static final JsonMapper JSON = new JsonMapper();

    private SafetensorsWriter() {}

    /**
     * Writes the tensors, wider types first and then by name, so that equal tensors give equal bytes.
     *
     * @param metadata free text for the header, by key; may be empty
     * @throws IOException when the file cannot be written; what was at {@code path} before is still there
     */
    public static void write(Path path, Map<String, String> metadata, List<NewTensor> tensors) throws IOException {
        List<NewTensor> ordered = new ArrayList<>(tensors);
        ordered.sort(
                Comparator.comparingInt((NewTensor tensor) -> -tensor.type().bytes())
                        .thenComparing(NewTensor::name));
        AtomicFile.writeForced(path, channel -> {
            AtomicFile.writeAll(channel, header(metadata, ordered));
            for (NewTensor tensor : ordered) {
                writeTensor(channel, tensor);
            }
        });
    }

    private static void writeTensor(FileChannel channel, NewTensor tensor) throws IOException {
        long end = channel.position() + tensor.bytes();
        tensor.values().writeTo(channel);
        if (channel.position() != end) {
            throw new IllegalStateException("Tensor " + tensor.name() + " was written with "
                    + (tensor.bytes() + channel.position() - end) + " bytes, and needs " + tensor.bytes() + ".");
        }
    }

    private static ByteBuffer header(Map<String, String> metadata, List<NewTensor> tensors) {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode node = root.putObject("__metadata__");
            metadata.forEach(node::put);
        }
        long position = 0;
        for (NewTensor tensor : tensors) {
            position = describe(root.putObject(tensor.name()), tensor, position);
        }
        byte[] json = JSON.writeValueAsBytes(root);
        int padded = Math.ceilDiv(json.length, Long.BYTES) * Long.BYTES;
        ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(padded).put(json).put(" ".repeat(padded - json.length).getBytes(StandardCharsets.US_ASCII));
        return buffer.flip();
    }

    private static long describe(ObjectNode node, NewTensor tensor, long begin) {
        long end = begin + tensor.bytes();
        node.put("dtype", tensor.type().name());
        ArrayNode shape = node.putArray("shape");
        tensor.shape().forEach(shape::add);
        node.putArray("data_offsets").add(begin).add(end);
        return end;
    }
}
