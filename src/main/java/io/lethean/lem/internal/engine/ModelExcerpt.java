package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.TensorCodec;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A model's lowest layers and the first of its tokens, written as a model of their own: enough to check gradients on
 * the user's own weights in seconds.
 *
 * @param model the whole model
 * @param layers how many layers to take
 * @param tokens how many tokens to take
 */
public record ModelExcerpt(GgufFile model, int layers, int tokens) {

    private static final int CHUNK_ROWS = 64;

    /** Writes the excerpt with the model's own types. */
    public GgufFile write(Path path) throws IOException {
        return write(path, false);
    }

    /** Writes the excerpt with every number as f32. */
    public GgufFile writeExpanded(Path path) throws IOException {
        return write(path, true);
    }

    private GgufFile write(Path path, boolean expanded) throws IOException {
        GgufWriter writer = new GgufWriter();
        model.metadata().asMap().forEach((key, value) -> {
            if (!key.startsWith("tokenizer.") && !key.startsWith("split.")) {
                writer.put(key, shortened(value));
            }
        });
        writer.put(model.metadata().ownKey("block_count"), GgufValue.uint32(layers));
        String shared = model.metadata().ownKey("attention.shared_kv_layers");
        model.metadata()
                .integer(shared)
                .ifPresent(count ->
                        writer.put(shared, GgufValue.uint32(Math.max(0, layers - (wholeLayers() - count)))));
        try (GgufTensorData data = GgufTensorData.open(model)) {
            for (GgufTensor tensor : model.tensors()) {
                if (isTaken(tensor.name())) {
                    add(writer, tensor, data, expanded);
                }
            }
            writer.write(path);
        }
        return GgufFile.read(path);
    }

    /** What a file says layer by layer, for the layers taken. */
    private GgufValue shortened(GgufValue value) {
        if (value instanceof GgufArray array
                && array.size() == wholeLayers()
                && array.elementType().bytes() > 0) {
            long[] first = new long[layers];
            for (int layer = 0; layer < layers; layer++) {
                first[layer] = array.longAt(layer);
            }
            return GgufArray.ofIntegers(array.elementType(), first);
        }
        return value;
    }

    private long wholeLayers() {
        return model.metadata().integer(model.metadata().ownKey("block_count")).orElse(0);
    }

    private boolean isTaken(String name) {
        if (!name.startsWith("blk.")) {
            return true;
        }
        return Integer.parseInt(name.substring(4, name.indexOf('.', 4))) < layers;
    }

    private void add(GgufWriter writer, GgufTensor tensor, GgufTensorData data, boolean expanded) {
        boolean perToken = tensor.name().equals("token_embd.weight")
                || tensor.name().equals(LayerWeights.LAYER_EMBEDDING)
                || tensor.name().startsWith("output.");
        List<Long> dims = new ArrayList<>(tensor.dims());
        if (tensor.name().equals(LayerWeights.LAYER_EMBEDDING)) {
            dims.set(0, ofLayers(dims.getFirst()));
        }
        if (tensor.name().equals(LayerWeights.LAYER_PROJECTION)) {
            dims.set(1, ofLayers(dims.getLast()));
        }
        if (perToken) {
            dims.set(dims.size() - 1, Math.min(dims.getLast(), tokens));
        }
        boolean wholeBlocks = dims.getFirst() % tensor.type().blockSize() == 0;
        GgmlType type = expanded || !wholeBlocks ? GgmlType.F32 : tensor.type();
        long rows = dims.stream().skip(1).reduce(1L, Math::multiplyExact);
        writer.tensor(
                tensor.name(), dims, type, channel -> copyRows(tensor, data, rows, dims.getFirst(), type, channel));
    }

    /** The part for the layers taken of a dimension that has a part for each layer. */
    private long ofLayers(long all) {
        return all / wholeLayers() * layers;
    }

    private static void copyRows(
            GgufTensor tensor, GgufTensorData data, long rows, long taken, GgmlType type, WritableByteChannel channel)
            throws IOException {
        long columns = tensor.dim(0);
        long rowBytes = tensor.type().rowBytes(columns);
        long takenBytes = type.rowBytes(taken);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(CHUNK_ROWS * rowBytes, 64);
            MemorySegment floats = arena.allocate(CHUNK_ROWS * columns * Float.BYTES, 64);
            for (long row = 0; row < rows; row += CHUNK_ROWS) {
                long count = Math.min(CHUNK_ROWS, rows - row);
                data.read(
                        tensor,
                        row * rowBytes,
                        packed.asSlice(0, count * rowBytes).asByteBuffer());
                MemorySegment source = packed;
                if (type != tensor.type()) {
                    new TensorCodec(tensor.type()).decode(packed, floats, count * columns);
                    source = floats;
                }
                long stride = type.rowBytes(columns);
                boolean whole = takenBytes == stride;
                for (long at = 0; at < (whole ? 1 : count); at++) {
                    channel.write(source.asSlice(at * stride, whole ? count * stride : takenBytes)
                            .asByteBuffer());
                }
            }
        }
    }
}
