package io.lethean.lem.evaluation.run;

import io.lethean.lem.evaluation.BenchmarkException;
import java.io.IOException;
import java.util.List;

/** Where the answers of a run come from: a model in this process ({@link LocalAnswers}), or models on other machines. */
public interface AnswerSource {

    /**
     * Asks questions, in any order and as many at a time as the source can, and returns after the last answer.
     *
     * @param questions the questions, each with its options
     * @param receiver is told on one thread at a time; an exception of its methods ends the call and is thrown on
     * @throws IOException if the receiver cannot write, or a file cannot be read
     * @throws BenchmarkException if the questions cannot be asked; answers that the receiver has stay
     */
    void ask(List<RunQuestion> questions, Receiver receiver) throws IOException;

    /** Receives the answers of a run. */
    interface Receiver {

        /**
         * A question is about to be put; a source that does not know when may leave this out.
         *
         * @param question the question
         * @throws IOException if that cannot be written
         */
        void started(RunQuestion question) throws IOException;

        /**
         * A question has its answer.
         *
         * @param question the question
         * @param answer its answer
         * @throws IOException if it cannot be written
         */
        void answered(RunQuestion question, RecordedAnswer answer) throws IOException;

        /**
         * A question has no answer.
         *
         * @param question the question
         * @param cause why
         * @throws BenchmarkException with the sentence to end the run with; a source may put its other questions first
         * @throws IOException if that cannot be written
         */
        void failed(RunQuestion question, RuntimeException cause) throws IOException;

        /** {@return the machines that computed the recorded answers of the run, one of each kind} */
        List<Machine> machines();

        /**
         * {@return the exception for a run that is stopped at a question}
         *
         * @param question the question
         */
        BenchmarkException cancelled(RunQuestion question);
    }
}
