/** Probes, questions of standard benchmarks, their paraphrases and recorded answers, as files. */
@NullMarked
package io.lethean.lem.evaluation.probe;

import org.jspecify.annotations.NullMarked;
