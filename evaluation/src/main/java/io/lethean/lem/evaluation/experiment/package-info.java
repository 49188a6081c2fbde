/** Experiments: several models or kernels, and the comparisons that answer one question. */
@NullMarked
package io.lethean.lem.evaluation.experiment;

import org.jspecify.annotations.NullMarked;
