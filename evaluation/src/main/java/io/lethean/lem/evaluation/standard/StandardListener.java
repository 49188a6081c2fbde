package io.lethean.lem.evaluation.standard;

/** Receives the progress of a standard benchmark. */
public interface StandardListener {

    /** Ignores the progress. */
    StandardListener SILENT = new StandardListener() {};

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
     * @param done answers recorded by now, this one included
     * @param answers all answers of the benchmark
     * @param id the question's id
     * @param seconds how long it took
     */
    default void answered(int done, int answers, String id, double seconds) {}
}
