/**
 * GGUF files made from GGUF files: an adapter merged into its model, or a model quantized.
 *
 * <p>Start at {@link io.lethean.lem.quantize.Fuse} and {@link io.lethean.lem.quantize.Quantize}. Both stream: a block of
 * rows is read, changed and written at a time, by several threads, so that memory does not grow with the model. The
 * output appears whole or not at all and is never the input.
 */
@NullMarked
package io.lethean.lem.quantize;

import org.jspecify.annotations.NullMarked;
