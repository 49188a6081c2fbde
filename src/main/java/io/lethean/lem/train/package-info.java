/**
 * Trains a LoRA adapter on the quantized GGUF file that is served, or all weights of an f32 model.
 *
 * <p>{@link io.lethean.lem.train.LemTrainer} is the entry point. Around the engine it runs a loop of batches, updates,
 * validations and checkpoints. Schedule and order of the data follow from options, seed and iteration alone, so a
 * resumed training ends with the same bytes as an uninterrupted one.
 */
@NullMarked
package io.lethean.lem.train;

import org.jspecify.annotations.NullMarked;
