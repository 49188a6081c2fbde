/**
 * Tensors, graphs and backends of ggml as small Java types.
 *
 * <p>ggml checks shapes by ending the process. Here every operation checks them first, in Java, and asks the backend
 * whether it can run the new node, so that a mistake is an exception with a sentence.
 *
 * <p>{@link io.lethean.lem.internal.ggml.Backend} computes; {@link io.lethean.lem.internal.ggml.TensorContext} holds
 * descriptions of
 * tensors and {@link io.lethean.lem.internal.ggml.Buffer} their numbers;
 * {@link io.lethean.lem.internal.ggml.GraphBuilder} adds
 * operations, {@link io.lethean.lem.internal.ggml.Derivatives} those of a backward pass;
 * {@link io.lethean.lem.internal.ggml.GraphGroup} gives finished graphs one working memory. Whoever creates an owner
 * closes it, groups and contexts before the backend.
 */
@NullMarked
package io.lethean.lem.internal.ggml;

import org.jspecify.annotations.NullMarked;
