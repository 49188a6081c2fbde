package io.lethean.lem.evaluation.internal.run;

import java.util.List;

/**
 * How much a run asks. It decides no answer, and a resumed run may have another one.
 *
 * @param conditions the names in the answers of the run; each has the same number of questions
 * @param questions of all conditions together
 */
public record RunScope(List<String> conditions, long questions) {

    /** Copies the list. */
    public RunScope {
        conditions = List.copyOf(conditions);
    }
}
