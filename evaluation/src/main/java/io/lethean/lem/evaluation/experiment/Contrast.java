package io.lethean.lem.evaluation.experiment;

/**
 * Two arms of an experiment that are compared probe by probe.
 *
 * @param arm the arm that is compared
 * @param against the arm that it is compared with
 */
public record Contrast(Arm arm, Arm against) {

    /** What is compared, without what both arms share. */
    public String label() {
        if (arm.model().equals(against.model())) {
            return "%s: %s against %s".formatted(arm.model(), arm.condition(), against.condition());
        }
        return arm.condition().equals(against.condition())
                ? "%s against %s: %s".formatted(arm.model(), against.model(), arm.condition())
                : "%s against %s".formatted(arm, against);
    }
}
