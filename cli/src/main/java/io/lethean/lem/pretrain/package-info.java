/**
 * A small model from nothing but text: tokenizer, random first weights, training of all of them, and what came of it.
 *
 * <p>{@link io.lethean.lem.pretrain.Pretraining} reads top to bottom. Text is read and split by {@code PretrainText},
 * its bytes are put together to tokens by {@code BytePairTrainer}, the loop is that of {@code train}, and the result is
 * measured in bits per byte against a {@code ByteBigram} on text that had no part in anything before.
 */
@NullMarked
package io.lethean.lem.pretrain;

import org.jspecify.annotations.NullMarked;
