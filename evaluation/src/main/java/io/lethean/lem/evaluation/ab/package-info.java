/** A/B benchmarks: every probe is answered without a kernel and with each kernel, and the scores are compared. */
@NullMarked
package io.lethean.lem.evaluation.ab;

import org.jspecify.annotations.NullMarked;
