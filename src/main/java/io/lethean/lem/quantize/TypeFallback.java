package io.lethean.lem.quantize;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tensor that was written in another type than the one asked for, because its rows are not whole blocks of that.
 *
 * @param tensor the tensor's name
 * @param columns values in a row
 * @param asked ggml's name of the type asked for
 * @param written ggml's name of the type that was written
 */
public record TypeFallback(String tensor, long columns, String asked, String written) {

    /** The type that fits a tensor; if it is not the one asked for, that is added to the list. */
    static GgmlType fitting(GgufTensor tensor, GgmlType asked, List<TypeFallback> fallbacks) {
        GgmlType written = TensorTypes.fitting(tensor, asked);
        if (written != asked) {
            fallbacks.add(new TypeFallback(tensor.name(), tensor.dim(0), asked.ggmlName(), written.ggmlName()));
        }
        return written;
    }

    /** {@return the sentence for this tensor} */
    public String note() {
        return tensor + " has " + reason() + ", so it is written as " + written + ".";
    }

    /** One sentence for all tensors with the same reason and the same type. */
    static List<String> summary(List<TypeFallback> fallbacks) {
        Map<TypeFallback, Integer> counts = new LinkedHashMap<>();
        fallbacks.forEach(
                each -> counts.merge(new TypeFallback("", each.columns, each.asked, each.written), 1, Integer::sum));
        return counts.entrySet().stream()
                .map(entry -> entry.getKey().sentence(entry.getValue()))
                .toList();
    }

    private String sentence(int count) {
        return count == 1
                ? "1 tensor has " + reason() + ", so it is written as " + written + "."
                : count + " tensors have " + reason() + ", so they are written as " + written + ".";
    }

    private String reason() {
        return "rows of " + columns + " values, which are not whole blocks of " + asked;
    }
}
