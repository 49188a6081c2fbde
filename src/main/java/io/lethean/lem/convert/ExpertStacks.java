package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Collects the experts of a layer, which a checkpoint has one by one and a GGUF file as one tensor for each part. */
final class ExpertStacks {

    /** A matrix of the experts of a layer. */
    private record Part(int layer, String name) implements Comparable<Part> {
        @Override
        public int compareTo(Part other) {
            return layer == other.layer ? name.compareTo(other.name) : Integer.compare(layer, other.layer);
        }
    }

    private final TensorPlan plan;
    private final Map<Part, TreeMap<Integer, SourceTensor>> parts = new TreeMap<>();

    ExpertStacks(TensorPlan plan) {
        this.plan = plan;
    }

    /**
     * Adds a matrix of one expert; with the last one of the layer all of its parts are planned.
     *
     * @param part its GGUF name below the layer
     * @param order the parts in the order in which they are written
     * @param experts how many there are
     */
    void add(int layer, String part, int expert, SourceTensor tensor, List<String> order, long experts) {
        if (expert >= experts) {
            throw tensor.refuse(
                    "checkpoint-shape",
                    "is of expert " + expert + ", and by config.json there are " + experts
                            + "; tensors and configuration are of different models");
        }
        parts.computeIfAbsent(new Part(layer, part), key -> new TreeMap<>()).put(expert, tensor);
        boolean complete = order.stream().allMatch(name -> {
            var found = parts.get(new Part(layer, name));
            return found != null && found.size() == experts;
        });
        if (complete) {
            order.forEach(name -> stack(layer, name));
        }
    }

    private void stack(int layer, String name) {
        Map<Integer, SourceTensor> found = parts.remove(new Part(layer, name));
        if (found == null) {
            throw new IllegalStateException("Layer " + layer + " has no part " + name + ".");
        }
        List<Rows> rows = found.values().stream().map(SourceTensor::rows).toList();
        SourceTensor first = found.values().iterator().next();
        found.values().stream()
                .filter(each -> each.rows().type() != first.rows().type())
                .findFirst()
                .ifPresent(other -> {
                    throw other.refuse(
                            "checkpoint-type",
                            "is stored as " + other.element() + ", and the same matrix of another expert as "
                                    + first.element() + "; experts of one layer must have one type");
                });
        List<Long> shape = new ArrayList<>(first.shape());
        shape.addFirst((long) rows.size());
        plan.add(
                "blk." + layer + "." + name + ".weight",
                shape,
                new io.lethean.lem.internal.checkpoint.StackedRows(rows));
    }

    /** @throws InvalidModelException if a layer has some of its experts only */
    void requireEmpty(ModelFolder folder) {
        parts.forEach((part, experts) -> {
            throw new InvalidModelException(
                    "checkpoint-missing",
                    "The folder " + folder.path() + " has only " + experts.size() + " experts for " + part.name()
                            + " of layer " + part.layer() + "; the download is incomplete or config.json is of another"
                            + " model.");
        });
    }
}
