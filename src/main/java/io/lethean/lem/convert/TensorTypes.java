package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufTensor;
import java.util.List;

/** Decides whether a tensor can be read and written again, before anything is written. */
final class TensorTypes {

    private TensorTypes() {}

    /**
     * A tensor's way from its own type to another.
     *
     * @throws InvalidModelException naming the tensor and the type that cannot be read or written
     */
    static TensorRewrite rewrite(GgufTensor tensor, GgmlType target) {
        RowCodec from = RowCodec.of(tensor.type())
                .orElseThrow(() -> refused("The tensor " + tensor.name() + " is of type "
                        + tensor.type().ggmlName()
                        + "; its rows cannot be turned into floats by themselves. Use a model of another type."));
        RowCodec to = RowCodec.of(target)
                .orElseThrow(() -> refused("The tensor " + tensor.name() + " cannot be written as " + target.ggmlName()
                        + "; these types can: " + OutputTypes.names() + "."));
        if (!to.canEncode()) {
            throw refused("The tensor " + tensor.name() + " would be written as " + target.ggmlName()
                    + ", which needs an importance matrix; give it another type, such as iq3_xxs or q4_K.");
        }
        if (tensor.dim(0) % target.blockSize() != 0) {
            throw refused("The tensor " + tensor.name() + " has rows of " + tensor.dim(0) + " numbers, and "
                    + target.ggmlName() + " has blocks of " + target.blockSize()
                    + "; give this tensor another type, such as f16.");
        }
        if (tensor.dim(0) > Integer.MAX_VALUE - 8) {
            throw refused("The tensor " + tensor.name() + " has rows of " + tensor.dim(0)
                    + " numbers, too long to be converted.");
        }
        return new TensorRewrite(tensor, from, to);
    }

    /** The type, or a finer one where the tensor's rows are not whole blocks of it, of which a note is made. */
    static GgmlType fitting(GgufTensor tensor, GgmlType type, List<String> notes) {
        long columns = tensor.dim(0);
        if (columns % type.blockSize() == 0) {
            return type;
        }
        GgmlType instead = columns % GgmlType.Q8_0.blockSize() == 0 ? GgmlType.Q8_0 : GgmlType.F16;
        notes.add(tensor.name() + " has rows of " + columns + " values, which are not whole blocks of "
                + type.ggmlName() + ", so it is written as " + instead.ggmlName() + ".");
        return instead;
    }

    private static InvalidModelException refused(String message) {
        return new InvalidModelException("convert-type", message);
    }

    static TensorReport report(TensorRewrite rewrite, double updateNorm, RowErrors errors) {
        return new TensorReport(
                rewrite.tensor().name(),
                rewrite.from().type().ggmlName(),
                rewrite.to().type().ggmlName(),
                rewrite.tensor().elements(),
                Math.sqrt(errors.squaredValues()),
                updateNorm,
                Math.sqrt(errors.squaredErrors()));
    }
}
