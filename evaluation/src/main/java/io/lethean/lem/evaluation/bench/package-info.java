/**
 * Benchmarks: the same probes under several conditions, every answer recorded as it comes, and the comparison.
 *
 * <p>An {@link io.lethean.lem.evaluation.bench.AbPlan} says what is asked of which model; {@link io.lethean.lem.evaluation.bench.AbRunner}
 * asks, records and resumes; {@link io.lethean.lem.evaluation.bench.AbSummary} is the comparison and {@link
 * io.lethean.lem.evaluation.bench.AbTable} its text; {@link io.lethean.lem.evaluation.bench.Rescorer} scores recorded answers again.
 * An {@link io.lethean.lem.evaluation.bench.Experiment} is several benchmarks and the comparisons between them; {@link
 * io.lethean.lem.evaluation.bench.DistillRunner} makes training examples of answers that score well.
 */
@NullMarked
package io.lethean.lem.evaluation.bench;

import org.jspecify.annotations.NullMarked;
