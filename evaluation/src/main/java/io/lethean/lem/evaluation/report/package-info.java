/**
 * What people look at: results read back, compared, and shown as HTML, Markdown, CSV and JSON.
 *
 * <p>{@link io.lethean.lem.evaluation.report.ResultFile} reads any recorded answers; {@link io.lethean.lem.evaluation.report.RunReport} shows
 * one file, {@link io.lethean.lem.evaluation.report.ResultComparison} two and {@link io.lethean.lem.evaluation.report.ExperimentReport}
 * those of an experiment.
 */
@NullMarked
package io.lethean.lem.evaluation.report;

import org.jspecify.annotations.NullMarked;
