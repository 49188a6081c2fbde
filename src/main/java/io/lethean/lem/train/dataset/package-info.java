/** Training data: examples in mlx-lm's formats, encoded samples with their masks, and batches of them. */
@NullMarked
package io.lethean.lem.train.dataset;

import org.jspecify.annotations.NullMarked;
