/** Kernels: the short texts put before a conversation, and the axioms of a JSON kernel. */
@NullMarked
package io.lethean.lem.evaluation.kernel;

import org.jspecify.annotations.NullMarked;
