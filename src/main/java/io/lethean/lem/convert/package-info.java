/**
 * GGUF files from model folders of Hugging Face and mlx-lm, and model folders from GGUF files.
 *
 * <p>Start at {@link io.lethean.lem.convert.Convert}. What is written equals, tensor by tensor and value by value, what
 * llama.cpp's own converter writes at the pinned release. Each architecture is a {@code Family}: a table of tensor names
 * and shapes, its hyperparameters, and what has to be done to single tensors. Tensors are read, changed and written a
 * block of rows at a time, so that memory does not grow with the model.
 *
 * <p>{@link io.lethean.lem.convert.Export} is the way back, from a GGUF file to a folder. It reads the same tables from right
 * to left.
 */
@NullMarked
package io.lethean.lem.convert;

import org.jspecify.annotations.NullMarked;
