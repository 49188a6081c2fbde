package io.lethean.lem.internal.tokenizer;

import java.util.List;

/** Cuts a piece of text into smaller pieces, or changes it. */
@FunctionalInterface
interface Splitter {

    List<String> split(String text);

    /** What remains of the parts that a pattern matches. */
    enum Behavior {
        REMOVED("Removed"),
        ISOLATED("Isolated"),
        MERGED_WITH_PREVIOUS("MergedWithPrevious"),
        MERGED_WITH_NEXT("MergedWithNext"),
        CONTIGUOUS("Contiguous");

        private final String name;

        Behavior(String name) {
            this.name = name;
        }

        static Behavior named(String name) throws UnknownStepException {
            for (Behavior behavior : values()) {
                if (behavior.name.equals(name)) {
                    return behavior;
                }
            }
            throw new UnknownStepException("a split with the behavior " + Quoted.of(name));
        }
    }
}
