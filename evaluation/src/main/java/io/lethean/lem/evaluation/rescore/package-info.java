/** Recorded answers scored again, and the means of scores. */
@NullMarked
package io.lethean.lem.evaluation.rescore;

import org.jspecify.annotations.NullMarked;
