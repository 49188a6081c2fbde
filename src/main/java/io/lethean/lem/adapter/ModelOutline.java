package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.gguf.GgufScalar;
import io.lethean.lem.internal.gguf.GgufTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What an adapter has to know of the model it belongs to: its tensors' shapes and its numbers of heads.
 *
 * @param name how messages call the model, usually its file name
 * @param architecture its {@code general.architecture}
 * @param headCounts attention heads per layer; one number where all layers have the same
 * @param kvHeadCounts key and value heads per layer; one number where all layers have the same
 * @param shapes each tensor's dimensions, the fastest first
 */
public record ModelOutline(
        String name,
        String architecture,
        List<Integer> headCounts,
        List<Integer> kvHeadCounts,
        Map<String, List<Long>> shapes) {

    /** Copies the lists and maps, so that later changes of them do not count. */
    public ModelOutline {
        headCounts = List.copyOf(headCounts);
        kvHeadCounts = List.copyOf(kvHeadCounts);
        shapes = Map.copyOf(shapes);
    }

    /**
     * Reads the outline of a GGUF model, of all parts if it is split.
     *
     * @param model the GGUF file; of a split model, its first part
     * @return the outline
     * @throws InvalidModelException if the file is not a GGUF file
     * @throws IOException when it cannot be read
     */
    public static ModelOutline read(Path model) throws IOException {
        return of(GgufFile.readModel(model));
    }

    /**
     * {@return the outline of a model with a header that has been read already; for this module's own packages}
     *
     * @param file the header, read before
     */
    @SuppressWarnings("exports")
    public static ModelOutline of(GgufFile file) {
        GgufMetadata metadata = file.metadata();
        List<Integer> heads = counts(metadata, metadata.ownKey("attention.head_count"));
        List<Integer> kvHeads = counts(metadata, metadata.ownKey("attention.head_count_kv"));
        Map<String, List<Long>> shapes =
                file.tensors().stream().collect(Collectors.toMap(GgufTensor::name, GgufTensor::dims));
        return new ModelOutline(
                file.path().getFileName().toString(),
                metadata.architecture(),
                heads,
                kvHeads.isEmpty() ? heads : kvHeads,
                shapes);
    }

    private static List<Integer> counts(GgufMetadata metadata, String key) {
        if (metadata.integer(key).isPresent()) {
            return List.of((int) metadata.integer(key).getAsLong());
        }
        return metadata.array(key)
                .map(array -> IntStream.range(0, array.size())
                        .mapToObj(array::get)
                        .map(value ->
                                value instanceof GgufScalar number && number.isInteger() ? (int) number.asLong() : 0)
                        .toList())
                .orElse(List.of());
    }

    /**
     * {@return the dimensions of a tensor, the fastest first; empty when the model has no such tensor}
     *
     * @param tensor the tensor's GGUF name
     */
    public Optional<List<Long>> shape(String tensor) {
        return Optional.ofNullable(shapes.get(tensor));
    }

    /** {@return whether the output head is the embedding and no tensor of its own} */
    public boolean hasTiedHead() {
        return !shapes.containsKey(TensorNames.HEAD);
    }

    /** {@return how many layers there are} */
    public int layers() {
        return 1
                + shapes.keySet().stream()
                        .mapToInt(tensor -> TensorNames.layer(tensor).orElse(-1))
                        .max()
                        .orElse(-1);
    }

    int heads(int layer) {
        return count(headCounts, layer, "attention heads");
    }

    int kvHeads(int layer) {
        return count(kvHeadCounts, layer, "key and value heads");
    }

    private int count(List<Integer> counts, int layer, String what) {
        int index = counts.size() == 1 ? 0 : layer;
        if (index < 0 || index >= counts.size() || counts.get(index) < 1) {
            throw new InvalidModelException(
                    "adapter-heads",
                    name + " does not say how many " + what + " layer " + layer
                            + " has, and the rows of the adapter cannot be put in order without it.");
        }
        return counts.get(index);
    }
}
