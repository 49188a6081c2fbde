/**
 * What every part of the library shares: the exceptions and a conversation's {@link io.lethean.lem.Message}.
 *
 * <p>The tour: {@code model} loads a GGUF file and generates text; {@code data} reads kernels, probes and training
 * examples; {@code score} turns an answer into numbers; {@code bench} asks a model the same probes under several
 * conditions and compares the scores.
 *
 * <p>Mistakes of the caller are {@link java.lang.IllegalArgumentException} or {@link java.lang.IllegalStateException},
 * trouble with a file is {@link java.io.IOException} (or its unchecked form), and everything else that a caller may
 * want to handle is a {@link io.lethean.lem.LemException}.
 */
@NullMarked
package io.lethean.lem;

import org.jspecify.annotations.NullMarked;
