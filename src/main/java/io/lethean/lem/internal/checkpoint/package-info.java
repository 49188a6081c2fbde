/**
 * Model folders of Hugging Face and mlx-lm in plain Java: the configuration with the defaults that transformers adds, the
 * shards of safetensors, and tensors that are read a block of rows at a time.
 */
@NullMarked
package io.lethean.lem.internal.checkpoint;

import org.jspecify.annotations.NullMarked;
