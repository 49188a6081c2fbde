package io.lethean.lem.internal.gguf;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checks if a LoRA adapter can be applied to a model; llama.cpp asserts types, and checks shapes only in part. */
final class AdapterCheck {

    private static final String A = ".lora_a";
    private static final String B = ".lora_b";
    private static final String EMBEDDING = "token_embd.weight";
    private static final String HEAD = "output.weight";
    private static final String INVOCATION_TOKENS = "adapter.alora.invocation_tokens";

    private final GgufFile adapter;
    private final GgufFile base;

    private AdapterCheck(GgufFile adapter, GgufFile base) {
        this.adapter = adapter;
        this.base = base;
    }

    static void require(GgufFile adapter, GgufFile base) {
        AdapterCheck check = new AdapterCheck(adapter, base);
        check.requireKeys();
        check.requireTensors();
    }

    private void requireKeys() {
        if (ForeignFile.isModel(adapter)) {
            throw ForeignFile.modelAsAdapter(adapter.path());
        }
        if (adapter.parts().size() > 1) {
            throw GgufRule.ADAPTER_KEYS.refuse(
                    adapter.path(), "it is split, which llama.cpp does not read of adapters");
        }
        requireText("general.type", "adapter");
        requireText("adapter.type", "lora");
        GgufValue alpha = adapter.metadata().asMap().get("adapter.lora.alpha");
        if (alpha != null && alpha.type() != GgufType.FLOAT32) {
            throw GgufRule.ADAPTER_KEYS.refuse(
                    adapter.path(), "adapter.lora.alpha is a " + alpha.type().shortName());
        }
        if (alpha instanceof GgufScalar number && !Double.isFinite(number.asDouble())) {
            throw GgufRule.ADAPTER_KEYS.refuse(adapter.path(), "adapter.lora.alpha is " + number);
        }
        GgufValue tokens = adapter.metadata().asMap().get(INVOCATION_TOKENS);
        if (tokens != null && !(tokens instanceof GgufArray array && array.elementType() == GgufType.UINT32)) {
            throw GgufRule.ADAPTER_KEYS.refuse(adapter.path(), INVOCATION_TOKENS + " is not an array of u32");
        }
        String architecture = base.metadata().architecture();
        if (!adapter.metadata().text("general.architecture").equals(Optional.of(architecture))) {
            throw GgufRule.ADAPTER_BASE.refuse(
                    adapter.path(),
                    "it is for the architecture '" + adapter.metadata().architecture() + "', the model is a '"
                            + architecture + "'");
        }
    }

    private void requireText(String key, String expected) {
        if (!adapter.metadata().text(key).equals(Optional.of(expected))) {
            throw GgufRule.ADAPTER_KEYS.refuse(
                    adapter.path(),
                    key + " is "
                            + adapter.metadata()
                                    .find(key)
                                    .map(value -> "'" + value + "'")
                                    .orElse("missing") + ", not '" + expected + "'");
        }
    }

    private void requireTensors() {
        Map<String, GgufTensor> first = new HashMap<>();
        Map<String, GgufTensor> second = new HashMap<>();
        for (GgufTensor tensor : adapter.tensors()) {
            String name = tensor.name();
            if (name.endsWith(A)) {
                first.put(name.substring(0, name.length() - A.length()), tensor);
            } else if (name.endsWith(B)) {
                second.put(name.substring(0, name.length() - B.length()), tensor);
            } else if (!name.endsWith("_norm.weight")) {
                throw refuse(name, "is neither " + A + " nor " + B);
            }
        }
        if (first.isEmpty()) {
            throw GgufRule.ADAPTER_TENSORS.refuse(adapter.path(), "it updates no tensor at all");
        }
        first.forEach((name, a) -> requirePair(name, a, second.remove(name)));
        if (!second.isEmpty()) {
            throw refuse(second.keySet().iterator().next(), "has no " + A);
        }
    }

    private void requirePair(String name, GgufTensor a, @Nullable GgufTensor b) {
        if (b == null) {
            throw refuse(name, "has no " + B);
        }
        requireMatrix(a);
        requireMatrix(b);
        GgufTensor target = base.tensor(name)
                .orElseThrow(() -> GgufRule.ADAPTER_BASE.refuse(adapter.path(), "the model has no tensor " + name));
        if (target.dims().size() < 2) {
            throw refuse(name + A, "updates a vector, which llama.cpp applies no adapter to");
        }
        boolean embedding = name.endsWith(EMBEDDING);
        if (embedding) {
            requireOwnHead(name);
        }
        boolean fits = embedding
                ? target.dim(0) == b.dim(1) && target.dim(1) == a.dim(1) && a.dim(0) == b.dim(0)
                : target.dim(0) == a.dim(0) && target.dim(1) == b.dim(1) && a.dim(1) == b.dim(0);
        for (int dimension = 2; dimension < GgufHeader.MAX_DIMS; dimension++) {
            fits &= a.dim(dimension) == target.dim(dimension) && b.dim(dimension) == target.dim(dimension);
        }
        if (!fits) {
            throw GgufRule.ADAPTER_BASE.refuse(
                    adapter.path(),
                    "the pair for " + name + " has the shapes " + a.shape() + " and " + b.shape()
                            + ", which do not fit the model's " + target.shape());
        }
    }

    /** The pair of an embedding is the other way round; multiplied by a tied head, it would fail an assertion. */
    private void requireOwnHead(String name) {
        if (base.tensor(HEAD).isEmpty()) {
            throw GgufRule.ADAPTER_BASE.refuse(
                    adapter.path(),
                    "it updates " + name + ", which in this model is the output head as well, so that the update would"
                            + " change both; train without the embedding");
        }
    }

    private void requireMatrix(GgufTensor tensor) {
        if (!TensorUseCheck.isForMatrices(tensor.type())) {
            throw refuse(tensor.name(), "is of type " + tensor.type().ggmlName() + ", where F32 or F16 is usual");
        }
    }

    private RuntimeException refuse(String tensor, String found) {
        return GgufRule.ADAPTER_TENSORS.refuse(adapter.path(), "tensor " + tensor + " " + found);
    }
}
