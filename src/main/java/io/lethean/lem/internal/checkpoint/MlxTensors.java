package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.safetensors.ElementType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a folder that mlx-lm has quantized, with weight, scales and biases of a module joined to one tensor.
 *
 * <p>Which modules are quantized is told by their scales; the configuration says with how many bits and in which groups,
 * for all modules and for single ones.
 */
public final class MlxTensors {

    private static final String WEIGHT = ".weight";
    private static final List<Long> AFFINE_BITS = List.of(2L, 3L, 4L, 5L, 6L, 8L);

    private final ModelConfig quantization;
    private final Map<String, SourceTensor> byName = new HashMap<>();

    private MlxTensors(ModelConfig quantization, List<SourceTensor> tensors) {
        this.quantization = quantization;
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    }

    /** What mlx-lm says of a folder's quantization; empty for a folder that it has not quantized. */
    public static Optional<ModelConfig> quantization(ModelFolder folder) {
        return folder.raw()
                .child("quantization")
                .or(() -> folder.raw().child("quantization_config"))
                .filter(each -> each.find("group_size").isPresent()
                        && each.find("quant_method").isEmpty());
    }

    /**
     * The tensors with real values, or with MXFP4 where mlx keeps that.
     *
     * @throws InvalidModelException if parts are missing, or do not fit each other or the configuration
     */
    public static List<SourceTensor> joined(ModelConfig quantization, List<SourceTensor> tensors) {
        MlxTensors mlx = new MlxTensors(quantization, tensors);
        List<SourceTensor> joined = new ArrayList<>();
        for (SourceTensor tensor : tensors) {
            String name = tensor.name();
            String module = name.substring(0, Math.max(0, name.lastIndexOf('.')));
            boolean quantized = mlx.byName.containsKey(module + ".scales");
            if (!quantized) {
                joined.add(tensor);
            } else if (name.endsWith(WEIGHT)) {
                joined.add(mlx.join(module, tensor));
            } else if (name.endsWith(".bias")) {
                joined.add(tensor);
            }
        }
        return joined;
    }

    private SourceTensor join(String module, SourceTensor weight) {
        SourceTensor scales = part(module, "scales", weight);
        ModelConfig own = quantization.child(module).orElse(quantization);
        String mode = own.text("mode").orElse("affine");
        if (weight.element() != ElementType.U32) {
            throw weight.refuse(
                    "mlx-type", "has scales and is stored as " + weight.element() + ", and mlx keeps its codes as U32");
        }
        return switch (mode) {
            case "affine" -> affine(module, weight, scales, own);
            case "mxfp4" -> mxfp4(weight, scales);
            default ->
                throw weight.refuse(
                        "mlx-mode",
                        "is quantized in mlx's mode \"" + mode
                                + "\", which cannot be converted; affine and mxfp4 can. Take"
                                + " the model before it was quantized");
        };
    }

    private SourceTensor affine(String module, SourceTensor weight, SourceTensor scales, ModelConfig own) {
        SourceTensor biases = part(module, "biases", weight);
        long bits = own.required("bits");
        long group = own.required("group_size");
        if (!AFFINE_BITS.contains(bits)) {
            throw weight.refuse(
                    "mlx-bits", "has codes of " + bits + " bits by config.json, and mlx has 2, 3, 4, 5, 6 and 8");
        }
        if (!scales.element().isReadable() || scales.element() == ElementType.F64) {
            throw scales.refuse("mlx-type", "is stored as " + scales.element() + ", and scales are F32, F16 or BF16");
        }
        boolean fits = biases.shape().equals(scales.shape())
                && biases.element() == scales.element()
                && fits(weight, scales, bits, group);
        if (!fits) {
            throw weight.refuse(
                    "mlx-shape",
                    "has the shape " + weight.shapeText() + " with scales of " + scales.shapeText() + " and biases of "
                            + biases.shapeText() + ", which is not what config.json says: groups of " + group
                            + " values of " + bits + " bits");
        }
        Rows rows = new AffineRows(weight.rows(), scales.rows(), biases.rows(), (int) bits, (int) group);
        return weight.with(widened(weight, rows.columns()), scales.element(), rows);
    }

    private static SourceTensor mxfp4(SourceTensor weight, SourceTensor scales) {
        if (scales.element() != ElementType.U8 || !fits(weight, scales, 4, GgmlType.MXFP4.blockSize())) {
            throw weight.refuse(
                    "mlx-shape",
                    "has the shape " + weight.shapeText() + " with scales of " + scales.shapeText() + " as "
                            + scales.element() + ", and MXFP4 has a U8 for each 32 values");
        }
        Rows rows = new Mxfp4Rows(weight.rows(), scales.rows());
        return weight.with(widened(weight, rows.columns()), weight.element(), rows);
    }

    private static boolean fits(SourceTensor weight, SourceTensor scales, long bits, long group) {
        int last = scales.shape().size() - 1;
        return last >= 0
                && group > 0
                && group <= 1 << 16
                && weight.shape().size() == last + 1
                && weight.shape().subList(0, last).equals(scales.shape().subList(0, last))
                && weight.shape().get(last) * Integer.SIZE == scales.shape().get(last) * group * bits;
    }

    private static List<Long> widened(SourceTensor weight, long columns) {
        List<Long> shape = new ArrayList<>(weight.shape());
        shape.set(shape.size() - 1, columns);
        return shape;
    }

    private SourceTensor part(String module, String name, SourceTensor weight) {
        @Nullable SourceTensor part = byName.get(module + "." + name);
        if (part == null) {
            throw weight.refuse(
                    "mlx-parts",
                    "is quantized, and " + module + "." + name + " is missing; the download is incomplete");
        }
        return part;
    }
}
