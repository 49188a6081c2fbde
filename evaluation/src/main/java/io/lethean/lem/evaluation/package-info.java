/** What every part of the evaluation shares: its exceptions. */
@NullMarked
package io.lethean.lem.evaluation;

import org.jspecify.annotations.NullMarked;
