/**
 * Training data from answers: {@link io.lethean.lem.evaluation.distill.DistillRunner} keeps answers that score well,
 * {@link io.lethean.lem.evaluation.distill.Lesson} splits them into training, validation and test data.
 */
@NullMarked
package io.lethean.lem.evaluation.distill;

import org.jspecify.annotations.NullMarked;
