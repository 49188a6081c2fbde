package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.convert.ModuleTable.Module;
import io.lethean.lem.convert.ModuleTable.Place;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The tensors of a GGUF file under the names and with the values that a checkpoint has. */
final class CheckpointTensors {

    private static final float LARGEST_F16 = 65_504;

    private final GgufFile file;
    private final Family family;
    private final Map<GgufTensor, Place> places = new LinkedHashMap<>();

    /** @throws InvalidModelException naming a tensor that a checkpoint of this family has no name for */
    CheckpointTensors(GgufFile file, Family family) {
        this.file = file;
        this.family = family;
        for (GgufTensor tensor : file.tensors()) {
            if (!tensor.name().equals(RopeFactors.TENSOR)) {
                places.put(tensor, place(tensor));
            }
        }
    }

    private Place place(GgufTensor tensor) {
        Place place = family.modules()
                .findTarget(tensor.name())
                .orElseThrow(() -> refuse(
                        tensor.name(),
                        "has no name in a checkpoint of the architecture " + family.id()
                                + ", so the model cannot be exported"));
        if (!tensor.type().isConvertible()) {
            throw refuse(
                    tensor.name(),
                    "is stored as " + tensor.type().ggmlName() + ", which cannot be turned into floats by itself");
        }
        return place;
    }

    /** The modules that have a bias, by their names in GGUF. */
    Set<String> biased() {
        Set<String> modules = new TreeSet<>();
        for (Place place : places.values()) {
            if (place.suffix().equals("bias")) {
                modules.add(place.module().target());
            }
        }
        return modules;
    }

    /** The type in which most values are stored; BF16 if that is a quantized one. */
    GgmlType usualType() {
        Map<GgmlType, Long> values = new LinkedHashMap<>();
        places.keySet().forEach(tensor -> values.merge(tensor.type(), tensor.elements(), Long::sum));
        GgmlType most = values.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
        return most.isQuantized() ? GgmlType.BF16 : most;
    }

    /** How many tensors are quantized, by type. */
    Map<String, Integer> quantized() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (GgufTensor tensor : places.keySet()) {
            if (tensor.type().isQuantized()) {
                counts.merge(tensor.type().ggmlName(), 1, Integer::sum);
            }
        }
        return counts;
    }

    /** How many matrices are stored in a wider type than the one to be written. */
    long narrowed(GgmlType type) {
        return places.keySet().stream()
                .filter(tensor -> tensor.dims().size() > 1 && !tensor.type().isQuantized())
                .filter(tensor -> tensor.type() != type && tensor.type() != GgmlType.BF16 && type != GgmlType.F32)
                .count();
    }

    /**
     * The tensors to write.
     *
     * @param data where the file's values are read; stays open until all are written
     * @throws InvalidModelException naming a tensor that is missing, too many, or of another shape than the metadata say
     */
    List<PlannedTensor> plan(CheckpointConfig config, GgmlType type, GgufTensorData data) {
        requireComplete(config);
        List<PlannedTensor> planned = new ArrayList<>();
        places.forEach((tensor, place) -> {
            check(tensor, place, config);
            boolean plain = tensor.type() == type && !family.computes(place);
            Rows rows = plain
                    ? GgufRows.plain(data, tensor)
                    : GgufRows.decoded(data, tensor, type == GgmlType.F16 ? LARGEST_F16 : Float.MAX_VALUE);
            planned.add(new PlannedTensor(
                    family.modules().sourceName(place),
                    tensor.dims(),
                    type,
                    family.restore(place, rows, config.dimensions())));
        });
        return planned;
    }

    private void check(GgufTensor tensor, Place place, CheckpointConfig config) {
        if (place.layer().isPresent() && place.layer().getAsInt() >= config.layers()) {
            throw refuse(tensor.name(), "is in a layer past the " + config.layers() + " that the metadata announce");
        }
        List<Dim> dims = place.module().shape();
        List<Dim> expected = place.suffix().equals("bias") ? List.of(dims.getFirst()) : dims;
        if (!config.dimensions().fit(tensor.dims().reversed(), expected)) {
            throw refuse(
                    tensor.name(),
                    "has the shape " + tensor.shape() + ", and by the metadata it must be, in the opposite order, "
                            + config.dimensions().text(expected));
        }
    }

    private void requireComplete(CheckpointConfig config) {
        for (Module module : family.modules().modules()) {
            long copies = module.inLayer() ? config.layers() : 1;
            for (int layer = 0; layer < copies; layer++) {
                String name = (module.inLayer() ? "blk." + layer + "." : "") + module.target();
                if (module.required() && file.tensor(name + ".weight").isEmpty()) {
                    throw refuse(name + ".weight", "is missing");
                }
                if (biased().contains(module.target())
                        && file.tensor(name + ".bias").isEmpty()) {
                    throw refuse(name + ".bias", "is missing, and other layers have it");
                }
            }
        }
    }

    private InvalidModelException refuse(String tensor, String problem) {
        return new InvalidModelException(
                "export-tensor", "The tensor " + tensor + " in " + file.path() + " " + problem + ".");
    }
}
