/**
 * The options of a training: records in {@link io.lethean.lem.train.options.TrainingOptions}, each with its defaults.
 *
 * <p>A new option is a component of one of these records, with its range and default, and a method of the builder. Its
 * name, its part in the identity of a run and the default of the command follow from the component. If older
 * checkpoints cannot have it, the value that they were trained with is added to the run facts; a test asks for it.
 */
@NullMarked
package io.lethean.lem.train.options;

import org.jspecify.annotations.NullMarked;
