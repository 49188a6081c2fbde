/**
 * Statistics of scores: intervals, paired comparisons, exact tests. Works on values only, without files.
 *
 * <p>{@link io.lethean.lem.evaluation.stats.PairedComparison} compares two conditions probe by probe; {@link
 * io.lethean.lem.evaluation.stats.ConditionMean} is one condition alone. Everything random is seeded and repeats exactly.
 */
@NullMarked
package io.lethean.lem.evaluation.stats;

import org.jspecify.annotations.NullMarked;
