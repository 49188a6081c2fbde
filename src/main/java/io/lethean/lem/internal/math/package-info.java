/** Numerical functions that several packages need. */
@NullMarked
package io.lethean.lem.internal.math;

import org.jspecify.annotations.NullMarked;
