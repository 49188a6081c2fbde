package io.lethean.lem.evaluation.internal.run;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.run.AnswerSource;
import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.evaluation.run.RunQuestion;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts a run's questions to the source of its answers, each answer in the log as soon as it is there. */
public final class Interview {

    private final RunLog log;
    private final AnswerSource source;
    private final int questions;
    private int recorded;

    /**
     * @param questions of the whole run
     * @param recorded how many of them have an answer already
     */
    public Interview(RunLog log, AnswerSource source, int questions, int recorded) {
        this.log = log;
        this.source = source;
        this.questions = questions;
        this.recorded = recorded;
    }

    /** The number of questions with a recorded answer. */
    public int recorded() {
        return recorded;
    }

    /** All questions of the run. */
    public int questions() {
        return questions;
    }

    /** The answer that the log holds. */
    public Optional<RecordedAnswer> recorded(RunQuestion question) {
        return log.answer(question.probe(), question.condition());
    }

    /** Receives each recorded answer. */
    public interface Recorded {
        void answered(RunQuestion question, RecordedAnswer answer) throws IOException;
    }

    /**
     * Asks the questions without a recorded answer.
     *
     * @param listener receives each answer, in any order
     * @throws BenchmarkException if the model fails or is cancelled; what is recorded stays
     */
    public void askAll(List<RunQuestion> questions, Recorded listener) throws IOException {
        source.ask(questions, new Recorder(listener, false));
    }

    /**
     * Asks them likewise, but a question that does not fit the model's context is answered by a text that begins with {@code
     * ERROR}, as in published files.
     */
    public void askAllThatFit(List<RunQuestion> questions, Recorded listener) throws IOException {
        source.ask(questions, new Recorder(listener, true));
    }

    /** Writes down what is asked and answered. */
    private final class Recorder implements AnswerSource.Receiver {
        private final Recorded listener;
        private final boolean onlyThatFit;
        private final Set<RunQuestion> put = new HashSet<>();

        Recorder(Recorded listener, boolean onlyThatFit) {
            this.listener = listener;
            this.onlyThatFit = onlyThatFit;
        }

        @Override
        public void started(RunQuestion question) throws IOException {
            if (put.add(question)) {
                log.ask(question.probe(), question.id(), question.condition(), RecordedAnswer.now());
            }
        }

        @Override
        public void answered(RunQuestion question, RecordedAnswer answer) throws IOException {
            started(question);
            put.remove(question);
            log.answer(question.probe(), question.id(), question.condition(), answer);
            recorded++;
            listener.answered(question, answer);
        }

        @Override
        public void failed(RunQuestion question, RuntimeException cause) throws IOException {
            if (onlyThatFit && cause instanceof ContextOverflowException tooLong) {
                answered(question, RecordedAnswer.failed(tooLong));
                return;
            }
            started(question);
            put.remove(question);
            log.fail(question.probe(), question.id(), question.condition(), sentence(cause), RecordedAnswer.now());
            throw stopped(question, "failed: " + sentence(cause), cause);
        }

        @Override
        public List<Machine> machines() {
            return log.machines();
        }

        @Override
        public BenchmarkException cancelled(RunQuestion question) {
            return stopped(question, "was cancelled.", null);
        }
    }

    private static String sentence(RuntimeException e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.endsWith(".") ? message : message + ".";
    }

    private BenchmarkException stopped(RunQuestion question, String fault, @Nullable RuntimeException cause) {
        return new BenchmarkException(
                String.format(
                        Locale.ROOT,
                        "The answer to probe '%s' under the condition '%s' %s %d of %d answers are recorded; "
                                + "start the same run again to resume.",
                        question.id(),
                        question.condition(),
                        fault,
                        recorded,
                        questions),
                cause);
    }
}
