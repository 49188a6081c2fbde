package io.lethean.lem.evaluation.run;

import java.nio.file.Path;

/** The files that a run keeps next to its output. */
public final class RunFiles {

    /** The end of the name of every run log. */
    public static final String LOG_SUFFIX = ".run.jsonl";

    private RunFiles() {}

    /**
     * {@return the log of a run, which lets an interrupted run continue: {@code OUTPUT.run.jsonl}}
     *
     * @param output the output of the run
     */
    public static Path logOf(Path output) {
        return output.resolveSibling(output.getFileName() + LOG_SUFFIX);
    }
}
