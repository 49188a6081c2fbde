package io.lethean.lem.evaluation.run;

/** Receives the progress of a benchmark, on one thread at a time: the one that runs it, or the model's. */
public interface RunListener {

    /** Ignores the progress. */
    RunListener SILENT = new RunListener() {};

    /**
     * The run starts, or resumes after an interruption.
     *
     * @param recorded answers that are recorded already and will not be asked for
     * @param answers all answers of the benchmark
     */
    default void started(int recorded, int answers) {}

    /**
     * An answer has been recorded.
     *
     * @param answer what was recorded
     */
    default void answered(Answered answer) {}

    /**
     * An answer that has been recorded.
     *
     * @param done answers recorded by now, this one included
     * @param answers all answers of the benchmark
     * @param probeId the probe's id; may be empty
     * @param condition the condition's name
     * @param score its score; NaN if the answer is unscored
     * @param seconds how long it took
     * @param tokens tokens that were generated
     */
    record Answered(
            int done, int answers, String probeId, String condition, double score, double seconds, int tokens) {}
}
