/** The published tables of one project, computed again from recorded files or new runs. */
@NullMarked
package io.lethean.lem.evaluation.internal.reproduce;

import org.jspecify.annotations.NullMarked;
