/**
 * Tokenizers of Hugging Face folders as GGUF metadata, in plain Java.
 *
 * <p>{@link io.lethean.lem.internal.tokenizer.HfTokenizer} reads a folder and writes the keys and values that llama.cpp's
 * converter writes. The name of the pre-tokenizer is computed and then proven by llama.cpp itself, which a caller passes
 * in as a {@link io.lethean.lem.internal.tokenizer.PreTokenizerProof}: this package runs no native code.
 *
 * <p>{@link io.lethean.lem.internal.tokenizer.TokenizerExport} is the way back.
 */
@NullMarked
package io.lethean.lem.internal.tokenizer;

import org.jspecify.annotations.NullMarked;
