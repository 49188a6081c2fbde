package io.lethean.lem.quantize;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Writes a model in other types.
 *
 * <p>What llama.cpp leaves alone is left alone: vectors, norms, routers and other small tensors. Where a type for all
 * is asked for, the output head is written as Q6_K or Q8_0 if that type is coarser, as llama.cpp does because errors
 * there go straight into the answer; a type given for the tensor by name wins. A matrix with rows that are not whole blocks
 * of the type is written in the type that llama.cpp takes then, such as Q5_0 for Q4_K, and the report says so.
 */
public final class Quantize {

    private static final String HEAD = "output.weight";
    private static final String EMBEDDING = "token_embd.weight";

    /** Parts of the names of tensors that are small and matter more than their size saves. */
    private static final List<String> KEPT = List.of(
            "_norm.weight",
            "ffn_gate_inp.weight",
            "ffn_gate_tid2eid.weight",
            "position_embd",
            "token_types",
            "altup",
            "laurel",
            "per_layer_model_proj",
            "ssm_conv1d",
            "shortconv.conv",
            "indexer.",
            "time_mix_",
            "attn_rel_b");

    private final QuantizeOptions options;
    private final GgufFile file;
    private final List<TypeFallback> fallbacks = new ArrayList<>();

    private Quantize(QuantizeOptions options) throws IOException {
        this.options = options;
        this.file = GgufFile.readModel(options.model());
    }

    /**
     * Quantizes.
     *
     * @param options what is quantized, and how
     * @return what was quantized, and what that lost
     * @throws io.lethean.lem.InvalidModelException if the model is malformed, or a tensor cannot be read or written in
     *     the type asked for, naming it
     * @throws IllegalArgumentException if the output is the input
     * @throws IOException if a file cannot be read or written; an older output is then as it was
     */
    public static QuantizeReport run(QuantizeOptions options) throws IOException {
        return new Quantize(options).run();
    }

    private QuantizeReport run() throws IOException {
        Map<String, TensorRewrite> rewrites = new LinkedHashMap<>();
        for (GgufTensor tensor : file.tensors()) {
            target(tensor)
                    .filter(type -> type != tensor.type())
                    .ifPresent(type -> rewrites.put(tensor.name(), TensorTypes.rewrite(tensor, type)));
        }
        ModelRewrite rewrite =
                new ModelRewrite(file, rewrites, tensor -> RowChange.NONE, options.threads(), options.progress());
        Map<String, RowErrors> errors = rewrite.write(options.output());
        List<TensorReport> converted = rewrites.values().stream()
                .map(each -> TensorTypes.report(
                        each, 0, Objects.requireNonNull(errors.get(each.tensor().name()))))
                .toList();
        int copied = file.tensors().size() - converted.size();
        return new QuantizeReport(
                converted, copied, Files.size(options.output()), fallbacks, warnings(rewrites.values()));
    }

    private static List<String> warnings(Collection<TensorRewrite> rewrites) {
        long count = rewrites.stream()
                .filter(each -> each.from().type().isQuantized())
                .count();
        return count == 0
                ? List.of()
                : List.of(count + " of these tensors were quantized already, so that the errors add up; a model in f16"
                        + " or f32 is the better source.");
    }

    private Optional<GgmlType> target(GgufTensor tensor) {
        Optional<GgmlType> named = options.types().askedByName(tensor);
        if (named.isPresent() || !isQuantizable(tensor)) {
            return named;
        }
        return options.types()
                .asked(tensor, OutputTypes.layers(file))
                .map(type -> TypeFallback.fitting(tensor, isHead(tensor) ? headType(type) : type, fallbacks));
    }

    private static boolean isQuantizable(GgufTensor tensor) {
        return tensor.dims().size() > 1
                && tensor.name().endsWith("weight")
                && KEPT.stream().noneMatch(tensor.name()::contains)
                && RowCodec.of(tensor.type()).isPresent();
    }

    private boolean isHead(GgufTensor tensor) {
        return tensor.name().equals(file.tensor(HEAD).isPresent() ? HEAD : EMBEDDING);
    }

    /** A finer type where this one has fewer than six bits a number. */
    private static GgmlType headType(GgmlType type) {
        return type.typeSize() * 8.0 / type.blockSize() < 6 ? GgmlType.Q6_K : type;
    }
}
