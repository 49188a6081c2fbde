/**
 * Trainings in phases, each from the adapter of the one before, with gates between them.
 *
 * <pre>{@code
 * Curriculum curriculum = Curriculum.read(Path.of("examples/curriculum/lek.json"));
 * CurriculumResult result = new CurriculumRunner(curriculum, model, Path.of("adapters")).run(true);
 * }</pre>
 */
@org.jspecify.annotations.NullMarked
package io.lethean.lem.evaluation.curriculum;
