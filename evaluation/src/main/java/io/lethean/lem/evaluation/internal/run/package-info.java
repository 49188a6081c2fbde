/** What all runs share: identity, log, lock, questions to a model, and resuming after a kill. */
@NullMarked
package io.lethean.lem.evaluation.internal.run;

import org.jspecify.annotations.NullMarked;
