package io.lethean.lem.convert;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The scaling of the rotary embedding in a GGUF file as {@code rope_scaling}. */
final class RopeForm {

    private static final String TYPE = "rope_type";

    private final ArchitectureKeys keys;

    RopeForm(ArchitectureKeys keys) {
        this.keys = keys;
    }

    /** What the metadata say; empty without scaling. */
    Optional<Map<String, @Nullable Object>> scaling() {
        String type = keys.text("rope.scaling.type").orElse("none");
        OptionalDouble old = keys.real("rope.scale_linear");
        OptionalDouble factor = keys.real("rope.scaling.factor");
        Map<String, @Nullable Object> scaling = new LinkedHashMap<>();
        switch (type) {
            case "none" -> {
                if (old.isEmpty() || old.getAsDouble() == 1) {
                    return Optional.empty();
                }
                scaling.put(TYPE, "linear");
                scaling.put("factor", old.getAsDouble());
            }
            case "linear" -> {
                scaling.put(TYPE, type);
                scaling.put("factor", required(factor));
            }
            case "yarn" -> {
                scaling.put(TYPE, type);
                scaling.put("factor", required(factor));
                scaling.put("original_max_position_embeddings", keys.required("rope.scaling.original_context_length"));
                put(scaling, "extrapolation_factor", "rope.scaling.yarn_ext_factor");
                put(scaling, "attention_factor", "rope.scaling.yarn_attn_factor");
                put(scaling, "beta_fast", "rope.scaling.yarn_beta_fast");
                put(scaling, "beta_slow", "rope.scaling.yarn_beta_slow");
            }
            default -> throw keys.refuse("has the rotary embedding \"" + type + "\"");
        }
        return Optional.of(scaling);
    }

    private double required(OptionalDouble factor) {
        return factor.orElseThrow(() -> keys.refuse("scales its rotary embedding by a factor that it does not say"));
    }

    private void put(Map<String, @Nullable Object> scaling, String name, String key) {
        keys.real(key).ifPresent(value -> scaling.put(name, value));
    }

    /** Llama 3's parameters, found from the factors that the file has as a tensor; empty without that tensor. */
    Optional<Map<String, @Nullable Object>> ofFactors(GgufFile file, double theta, long head, long context)
            throws IOException {
        Optional<GgufTensor> tensor = file.tensor(RopeFactors.TENSOR);
        if (tensor.isEmpty()) {
            return Optional.empty();
        }
        if (tensor.get().type() != GgmlType.F32) {
            throw keys.refuse("has the tensor " + RopeFactors.TENSOR + " as "
                    + tensor.get().type().ggmlName() + ", and f32 was expected");
        }
        float[] factors = new float[Math.toIntExact(tensor.get().elements())];
        try (GgufTensorData data = GgufTensorData.open(file)) {
            ByteBuffer.wrap(data.bytes(tensor.get()))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(factors);
        }
        return Optional.of(RopeFactors.parameters(factors, theta, head, context)
                .orElseThrow(() -> keys.refuse("has the tensor " + RopeFactors.TENSOR
                        + " with factors that are not those of Llama 3's rule, which config.json could name")));
    }
}
