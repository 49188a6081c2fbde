/**
 * A small model from text alone: tokenizer, random initial weights, training of all of them, and a report.
 *
 * <p>{@link io.lethean.lem.pretrain.Pretraining} reads top to bottom. Text is read and split by {@code PretrainText},
 * its bytes are put together to tokens by {@code BytePairTrainer}, the loop is that of {@code train}, and the result is
 * measured in bits per byte against a {@code ByteBigram} on text that had no part in anything before.
 */
@NullMarked
package io.lethean.lem.pretrain;

import org.jspecify.annotations.NullMarked;
