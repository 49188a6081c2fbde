/**
 * GGUF files in plain Java: read, check, write, inspect. No native code runs here.
 *
 * <p>{@link io.lethean.lem.internal.gguf.GgufFile} reads a file's header, {@link io.lethean.lem.internal.gguf.GgufCheck} decides whether
 * llama.cpp may see it, {@link io.lethean.lem.internal.gguf.GgufWriter} writes one, {@link io.lethean.lem.internal.gguf.GgufReport} prints
 * what was read and {@link io.lethean.lem.internal.gguf.RandomModel} invents one.
 */
@NullMarked
package io.lethean.lem.internal.gguf;

import org.jspecify.annotations.NullMarked;
