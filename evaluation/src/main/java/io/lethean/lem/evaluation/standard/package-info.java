/** Standard benchmarks: GSM8K, TruthfulQA, Do-Not-Answer and ToxiGen, one task each. */
@NullMarked
package io.lethean.lem.evaluation.standard;

import org.jspecify.annotations.NullMarked;
