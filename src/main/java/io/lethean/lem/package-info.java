/**
 * Shared by all parts of the library: the exceptions, and {@link io.lethean.lem.Message}, one turn of a conversation.
 *
 * <p>Overview: {@code model} loads a GGUF file and generates text; {@code train} trains LoRA adapters; {@code adapter}
 * and {@code convert} read, write and merge them. The module {@code io.lethean.lem.evaluation} asks a model the same
 * probes under several conditions, scores the answers and compares the scores.
 *
 * <p>Mistakes of the caller are {@link java.lang.IllegalArgumentException} or {@link java.lang.IllegalStateException},
 * a file that cannot be read or written is {@link java.io.IOException} (or its unchecked form), and everything else
 * that a caller may want to handle is a {@link io.lethean.lem.LemException}.
 */
@NullMarked
package io.lethean.lem;

import org.jspecify.annotations.NullMarked;
