/** Kernels and their axioms, probes and their paraphrases, lessons, and the published file formats, as plain Java. */
@NullMarked
package io.lethean.lem.data;

import org.jspecify.annotations.NullMarked;
