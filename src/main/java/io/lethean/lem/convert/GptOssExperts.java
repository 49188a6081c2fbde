package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.ReshapedRows;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.checkpoint.StridedRows;
import io.lethean.lem.internal.checkpoint.TransposedRows;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The experts of GPT-OSS in 16 or 32 bits, and the biases of all of its experts: matrices are transposed, and gate and up
 * are the even and the odd rows of one tensor.
 */
final class GptOssExperts {

    private static final Pattern NAME =
            Pattern.compile("model\\.layers\\.(\\d{1,4})\\.mlp\\.experts\\.(gate_up_proj|down_proj)(_bias)?");

    private final Conversion conversion;
    private final long experts;
    private final long width;
    private final long hidden;

    GptOssExperts(Conversion conversion) {
        this.conversion = conversion;
        this.experts = conversion.dimensions().size(Dim.EXPERTS);
        this.width = conversion.dimensions().size(Dim.EXPERT_WIDTH);
        this.hidden = conversion.dimensions().size(Dim.HIDDEN);
    }

    /** Adds a tensor of the experts; false if it is something else. */
    boolean add(SourceTensor tensor) {
        Matcher name = NAME.matcher(tensor.name());
        if (!name.matches()) {
            return GptOssBlocks.isBlock(tensor.name());
        }
        String layer = "blk." + Integer.parseInt(name.group(1)) + ".";
        boolean down = name.group(2).equals("down_proj");
        tensor.requireReal();
        if (name.group(3) == null) {
            addMatrices(tensor, layer, down);
        } else {
            addBiases(tensor, layer, down);
        }
        return true;
    }

    private void addMatrices(SourceTensor tensor, String layer, boolean down) {
        require(tensor, down ? List.of(experts, width, hidden) : List.of(experts, hidden, 2 * width));
        int rows = Math.toIntExact(down ? width : hidden);
        Rows all = new TransposedRows(tensor.rows(), rows);
        if (down) {
            conversion.plan().add(layer + "ffn_down_exps.weight", List.of(experts, hidden, width), all);
            return;
        }
        List<Long> shape = List.of(experts, width, hidden);
        conversion.plan().add(layer + "ffn_gate_exps.weight", shape, StridedRows.even(all));
        conversion.plan().add(layer + "ffn_up_exps.weight", shape, StridedRows.odd(all));
    }

    private void addBiases(SourceTensor tensor, String layer, boolean down) {
        require(tensor, List.of(experts, down ? hidden : 2 * width));
        if (down) {
            conversion.plan().add(layer + "ffn_down_exps.bias", tensor);
            return;
        }
        Rows values = new ReshapedRows(tensor.rows(), 1);
        List<Long> shape = List.of(experts, width);
        conversion.plan().add(layer + "ffn_gate_exps.bias", shape, StridedRows.even(values));
        conversion.plan().add(layer + "ffn_up_exps.bias", shape, StridedRows.odd(values));
    }

    private static void require(SourceTensor tensor, List<Long> shape) {
        if (!tensor.shape().equals(shape)) {
            throw tensor.refuse(
                    "checkpoint-shape",
                    "has the shape " + tensor.shapeText() + ", and by config.json it must be "
                            + String.join(
                                    " x ", shape.stream().map(String::valueOf).toList())
                            + "; tensors and configuration are of different models");
        }
    }
}
