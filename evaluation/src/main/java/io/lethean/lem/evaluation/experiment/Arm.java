package io.lethean.lem.evaluation.experiment;

/**
 * One model under one condition: what an experiment compares.
 *
 * @param model the model's name within the experiment
 * @param condition {@code baseline} or a kernel's name
 */
public record Arm(String model, String condition) {

    @Override
    public String toString() {
        return model + ", " + condition;
    }
}
