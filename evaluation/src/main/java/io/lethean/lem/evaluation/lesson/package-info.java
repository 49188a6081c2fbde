/** Lessons: answers that scored well become training, validation and test data. */
@NullMarked
package io.lethean.lem.evaluation.lesson;

import org.jspecify.annotations.NullMarked;
