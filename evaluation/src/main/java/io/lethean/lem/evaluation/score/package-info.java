/** Scorers: from an answer to numbers, with no model inside. */
@NullMarked
package io.lethean.lem.evaluation.score;

import org.jspecify.annotations.NullMarked;
