package io.lethean.lem.adapter;

/** The kinds of adapter files that exist. */
public enum AdapterFormat {
    /** One GGUF file, as llama.cpp loads it. */
    GGUF,
    /** A folder with {@code adapter_model.safetensors} and {@code adapter_config.json}, as PEFT writes it. */
    PEFT,
    /** A folder with {@code adapters.safetensors} and {@code adapter_config.json}, as mlx-lm writes it. */
    MLX
}
