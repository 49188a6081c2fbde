package io.lethean.lem.evaluation.experiment;

import java.util.Locale;

/**
 * Two arms of an experiment that are compared probe by probe.
 *
 * @param arm the arm that is compared
 * @param against the arm that it is compared with
 */
public record Contrast(Arm arm, Arm against) {

    /** {@return what is compared, without what both arms share} */
    public String label() {
        if (arm.model().equals(against.model())) {
            return String.format(Locale.ROOT, "%s: %s against %s", arm.model(), arm.condition(), against.condition());
        }
        return arm.condition().equals(against.condition())
                ? String.format(Locale.ROOT, "%s against %s: %s", arm.model(), against.model(), arm.condition())
                : String.format(Locale.ROOT, "%s against %s", arm, against);
    }
}
