package io.lethean.lem.model;

import io.lethean.lem.internal.llama.ContextParameters.FlashMode;

/** Whether attention is computed by the fused kernel that needs no score matrix. */
public enum FlashAttention {
    /** Used where every layer's device supports it. */
    AUTO,
    /** Always. */
    ON,
    /** Never; a quantized V cache is not possible then. */
    OFF;

    FlashMode mode() {
        return FlashMode.valueOf(name());
    }
}
