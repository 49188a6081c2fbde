/**
 * LoRA adapters as files: GGUF, PEFT and mlx-lm, read, checked, converted into each other and written.
 *
 * <p>Start at {@link io.lethean.lem.adapter.AdapterFiles}. An adapter in memory always has llama.cpp's layout,
 * whatever file it came from: tensors under their GGUF names, rows of the query and key projections in GGUF order,
 * {@code A} as rank x inputs and {@code B} as outputs x rank.
 */
@NullMarked
package io.lethean.lem.adapter;

import org.jspecify.annotations.NullMarked;
