/**
 * Forward and hand-written backward pass of a decoder, and the optimizer, over ggml.
 *
 * <p>A tour from the outside in: {@link io.lethean.lem.internal.engine.TrainingEngine} accumulates gradients over
 * batches
 * and steps the optimizer. Per shape of batch it keeps {@code BucketGraphs}: one graph per layer and direction, built
 * once. {@code DecoderSpec} describes an architecture as data; {@code DecoderLayer} turns it into operations, with
 * {@code
 * Projection} (base weight and its LoRA), {@code Attention}, {@code FeedForward} and {@code RmsNorm} as its parts, each
 * with a {@code forward} and a {@code backward} next to each other. {@code Head} ends in the loss and starts the
 * backward pass.
 *
 * <p>Notation: N tokens, d the hidden size, r the rank. LoRA (Hu et al. 2021) adds {@code scale * B A x} to
 * {@code W x};
 * {@code dY} is the gradient of the loss with respect to Y, multiplied by the loss scale until the optimizer divides it
 * out.
 */
@NullMarked
package io.lethean.lem.internal.engine;

import org.jspecify.annotations.NullMarked;
