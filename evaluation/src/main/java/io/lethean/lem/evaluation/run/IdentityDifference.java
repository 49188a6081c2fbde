package io.lethean.lem.evaluation.run;

/**
 * One thing that differs between two run identities.
 *
 * @param name its key in the run identity, such as {@code temperature} or {@code kernel lek}
 * @param recorded its value in the recorded run, shortened; {@code none} if the run does not have it
 * @param now its value in the run that is compared, shortened; {@code none} if the run does not have it
 */
public record IdentityDifference(String name, String recorded, String now) {

    /** {@return a clause such as {@code temperature: recorded 0.0, now 0.7}} */
    @Override
    public String toString() {
        return name + ": recorded " + recorded + ", now " + now;
    }
}
