/**
 * GGUF files in plain Java: read, check, write, inspect. No native code runs here.
 *
 * <p>{@link io.lethean.lem.gguf.GgufFile} reads a file's header, {@link io.lethean.lem.gguf.GgufCheck} decides whether
 * llama.cpp may see it, {@link io.lethean.lem.gguf.GgufWriter} writes one, {@link io.lethean.lem.gguf.GgufReport} prints
 * what was read and {@link io.lethean.lem.gguf.RandomModel} invents one.
 */
@NullMarked
package io.lethean.lem.gguf;

import org.jspecify.annotations.NullMarked;
