package io.lethean.lem.quantize;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufTensor;
import java.util.Optional;

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
                    + ", which needs an importance matrix; give it another type, such as q2_K or q3_K.");
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

    /**
     * The type that is written where a tensor's rows are not whole blocks of the type asked for: the one that
     * llama.cpp's quantize takes then, with blocks of 32 values, or F16 where those do not fit either.
     *
     * @throws InvalidModelException for a type that llama.cpp has no other one for
     */
    static GgmlType fitting(GgufTensor tensor, GgmlType asked) {
        long columns = tensor.dim(0);
        if (columns % asked.blockSize() == 0) {
            return asked;
        }
        GgmlType instead = ofSmallBlocks(asked)
                .orElseThrow(() -> refused("The tensor " + tensor.name() + " has rows of " + columns
                        + " values, which are not whole blocks of " + asked.ggmlName() + " (" + asked.blockSize()
                        + " values), and no similar type has smaller blocks; choose another type, such as q4_0."));
        return columns % instead.blockSize() == 0 ? instead : GgmlType.F16;
    }

    private static Optional<GgmlType> ofSmallBlocks(GgmlType type) {
        return switch (type) {
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S, IQ4_XS -> Optional.of(GgmlType.IQ4_NL);
            case Q2_0, Q2_K, Q3_K, TQ1_0, TQ2_0 -> Optional.of(GgmlType.Q4_0);
            case Q4_K -> Optional.of(GgmlType.Q5_0);
            case Q5_K -> Optional.of(GgmlType.Q5_1);
            case Q6_K -> Optional.of(GgmlType.Q8_0);
            default -> type.blockSize() <= 32 ? Optional.of(type) : Optional.empty();
        };
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
