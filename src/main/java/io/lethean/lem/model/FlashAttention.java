package io.lethean.lem.model;

import io.lethean.lem.internal.ffi.LlamaCpp;

/** Whether attention is computed by the fused kernel that needs no score matrix. */
public enum FlashAttention {
    /** Used where every layer's device supports it. */
    AUTO,
    /** Always. */
    ON,
    /** Never; a quantized V cache is not possible then. */
    OFF;

    int into() {
        return switch (this) {
            case AUTO -> LlamaCpp.LLAMA_FLASH_ATTN_TYPE_AUTO();
            case ON -> LlamaCpp.LLAMA_FLASH_ATTN_TYPE_ENABLED();
            case OFF -> LlamaCpp.LLAMA_FLASH_ATTN_TYPE_DISABLED();
        };
    }
}
