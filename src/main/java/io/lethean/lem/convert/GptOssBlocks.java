package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.Mxfp4Rows;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.checkpoint.StridedRows;
import io.lethean.lem.internal.safetensors.ElementType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The experts of GPT-OSS in MXFP4, as pairs of tensors with codes and scales. */
final class GptOssBlocks {

    private static final Pattern SCALES =
            Pattern.compile("(model\\.layers\\.(\\d{1,4})\\.mlp\\.experts\\.(gate_up_proj|down_proj))_scales");
    private static final long BLOCK_BYTES = 16;
    private static final long BLOCK = 32;

    private final Conversion conversion;
    private final Map<String, SourceTensor> byName = new HashMap<>();

    GptOssBlocks(Conversion conversion) {
        this.conversion = conversion;
    }

    /** Adds all pairs; they come before other tensors, in the order of their scales. */
    void add(List<SourceTensor> tensors) {
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        for (SourceTensor scales : tensors) {
            Matcher name = SCALES.matcher(scales.name());
            if (name.matches()) {
                add(
                        name.group(1),
                        Integer.parseInt(name.group(2)),
                        name.group(3).equals("down_proj"),
                        scales);
            }
        }
    }

    private void add(String module, int layer, boolean down, SourceTensor scales) {
        Dimensions sizes = conversion.dimensions();
        long experts = sizes.size(Dim.EXPERTS);
        long width = sizes.size(Dim.EXPERT_WIDTH);
        long hidden = sizes.size(Dim.HIDDEN);
        @Nullable SourceTensor blocks = byName.get(module + "_blocks");
        if (blocks == null) {
            throw scales.refuse("checkpoint-missing", "has no " + module + "_blocks; the download is incomplete");
        }
        long rows = down ? hidden : 2 * width;
        long groups = (down ? width : hidden) / BLOCK;
        require(scales, List.of(experts, rows, groups));
        require(blocks, List.of(experts, rows, groups, BLOCK_BYTES));
        Rows all = new Mxfp4Rows(blocks.rows(), scales.rows());
        String prefix = "blk." + layer + ".";
        if (down) {
            conversion.plan().add(prefix + "ffn_down_exps.weight", List.of(experts, hidden, width), all);
        } else {
            List<Long> shape = List.of(experts, width, hidden);
            conversion.plan().add(prefix + "ffn_gate_exps.weight", shape, StridedRows.even(all));
            conversion.plan().add(prefix + "ffn_up_exps.weight", shape, StridedRows.odd(all));
        }
    }

    private static void require(SourceTensor tensor, List<Long> shape) {
        if (tensor.element() != ElementType.U8 || !tensor.shape().equals(shape)) {
            throw tensor.refuse(
                    "checkpoint-shape",
                    "is " + tensor.element() + " of the shape " + tensor.shapeText()
                            + ", and by config.json it must be U8 of "
                            + String.join(
                                    " x ", shape.stream().map(String::valueOf).toList())
                            + "; tensors and configuration are of different models");
        }
    }

    /** Whether a tensor is one of a pair. */
    static boolean isBlock(String name) {
        return name.endsWith("_proj_blocks") || name.endsWith("_proj_scales");
    }
}
