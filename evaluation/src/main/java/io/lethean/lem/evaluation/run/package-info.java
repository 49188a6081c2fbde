/** What runs have in common for those who start them: which model answers, and what a listener is told. */
@NullMarked
package io.lethean.lem.evaluation.run;

import org.jspecify.annotations.NullMarked;
