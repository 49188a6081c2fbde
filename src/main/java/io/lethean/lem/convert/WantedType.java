package io.lethean.lem.convert;

import io.lethean.lem.quantize.OutputTypes;
import java.util.Optional;

/**
 * The type that a conversion is asked for.
 *
 * @param direct a type that is written straight from the checkpoint; empty for {@code auto} and for quantized types
 * @param quantized what a second pass writes; empty if one pass is enough
 */
record WantedType(Optional<OutputType> direct, Optional<OutputTypes> quantized) {

    private static final String AUTO = "auto";

    /** @throws IllegalArgumentException if it is neither a type of its own nor one of {@link OutputTypes} */
    static WantedType parse(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("The type to convert to is empty; auto takes the one of the weights.");
        }
        if (text.equalsIgnoreCase(AUTO)) {
            return new WantedType(Optional.empty(), Optional.empty());
        }
        Optional<OutputType> direct = OutputType.named(text);
        return direct.isPresent()
                ? new WantedType(direct, Optional.empty())
                : new WantedType(Optional.empty(), Optional.of(OutputTypes.parse(text)));
    }
}
