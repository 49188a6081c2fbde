package io.lethean.lem.junit;

import io.lethean.lem.evaluation.run.IdentityDifference;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A part of a run that may differ between a record and the run that is compared with it. The number of probes, their ids, and the
 * scorer with its version may never differ.
 */
public enum RunPart {
    /** The kernel: its text, its name, and whether there is one. */
    KERNEL("conditions|kernel .*"),

    /** The model with its adapters, and how many answers it generates in parallel. */
    MODEL("model|(scale of )?adapter \\d+|parallel"),

    /** The options of the answers, and how often each probe is asked. */
    OPTIONS(".*"),

    /** The texts and categories of the probes; their ids pair the answers. */
    PROMPTS("prompts");

    private static final Pattern NEVER = Pattern.compile("number of prompts|scorer");

    private final Pattern names;

    RunPart(String names) {
        this.names = Pattern.compile(names);
    }

    /** The part that a difference belongs to; empty if it may never differ. */
    static Optional<RunPart> of(IdentityDifference difference) {
        String name = difference.name();
        if (NEVER.matcher(name).matches()) {
            return Optional.empty();
        }
        for (RunPart part : new RunPart[] {KERNEL, MODEL, PROMPTS}) {
            if (part.names.matcher(name).matches()) {
                return Optional.of(part);
            }
        }
        return Optional.of(OPTIONS);
    }
}
