package io.lethean.lem.adapter;

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
import tools.jackson.databind.node.ObjectNode;

/** Writes two-dimensional tensors as a safetensors file that is there whole or not at all. */
final class SafetensorsWriter {

    private static final int BLOCK_BYTES = 1 << 20;
    private static final JsonMapper JSON = new JsonMapper();

    private SafetensorsWriter() {}

    /**
     * Writes the tensors, wider types first and then by name, so that equal tensors give equal bytes.
     *
     * @param metadata free text for the header, by key; may be empty
     * @throws IOException when the file cannot be written; what was at {@code path} before is still there
     */
    static void write(Path path, Map<String, String> metadata, Map<String, Factor> tensors) throws IOException {
        List<Map.Entry<String, Factor>> ordered = new ArrayList<>(tensors.entrySet());
        ordered.sort(Comparator.comparing(
                        (Map.Entry<String, Factor> e) -> e.getValue().isHalf())
                .thenComparing(Map.Entry::getKey));
        AtomicFile.writeForced(path, channel -> {
            AtomicFile.writeAll(channel, header(metadata, ordered));
            for (Map.Entry<String, Factor> tensor : ordered) {
                writeValues(channel, tensor.getValue());
            }
        });
    }

    private static ByteBuffer header(Map<String, String> metadata, List<Map.Entry<String, Factor>> tensors) {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode node = root.putObject("__metadata__");
            metadata.forEach(node::put);
        }
        long position = 0;
        for (Map.Entry<String, Factor> tensor : tensors) {
            position = describe(root.putObject(tensor.getKey()), tensor.getValue(), position);
        }
        byte[] json = JSON.writeValueAsBytes(root);
        int padded = Math.ceilDiv(json.length, Long.BYTES) * Long.BYTES;
        ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(padded).put(json).put(" ".repeat(padded - json.length).getBytes(StandardCharsets.US_ASCII));
        return buffer.flip();
    }

    private static long describe(ObjectNode node, Factor tensor, long begin) {
        ElementType type = typeOf(tensor);
        long end = begin + (long) tensor.rows() * tensor.columns() * type.bytes();
        node.put("dtype", type.name());
        node.putArray("shape").add(tensor.rows()).add(tensor.columns());
        node.putArray("data_offsets").add(begin).add(end);
        return end;
    }

    private static void writeValues(FileChannel channel, Factor tensor) throws IOException {
        ElementType type = typeOf(tensor);
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : tensor.values()) {
            type.put(block, value);
            if (!block.hasRemaining()) {
                AtomicFile.writeAll(channel, block.flip());
                block.clear();
            }
        }
        AtomicFile.writeAll(channel, block.flip());
    }

    private static ElementType typeOf(Factor tensor) {
        return tensor.isHalf() ? ElementType.F16 : ElementType.F32;
    }
}
