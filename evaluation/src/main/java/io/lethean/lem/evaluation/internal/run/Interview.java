package io.lethean.lem.evaluation.internal.run;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationListener;
import io.lethean.lem.model.GenerationOutcome;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.TextGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts a run's questions to a model, each answer in the log as soon as it is there.
 *
 * <p>The model is loaded when the first question is about to be put, and not at all if everything is recorded.
 */
public final class Interview {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx", Locale.ROOT);
    private static final double NANOS_PER_SECOND = 1e9;

    private final RunLog log;
    private final Supplier<? extends TextGenerator> model;
    private final int questions;
    private int recorded;
    private @Nullable TextGenerator loaded;

    /**
     * @param questions of the whole run
     * @param recorded how many of them have an answer already
     */
    public Interview(RunLog log, Supplier<? extends TextGenerator> model, int questions, int recorded) {
        this.log = log;
        this.model = model;
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
     * Asks the questions without a recorded answer, as many in parallel as the model can.
     *
     * @param listener receives each answer, in any order
     * @throws BenchmarkException if the model fails or is cancelled; what is recorded stays
     */
    public void askAll(List<RunQuestion> questions, Recorded listener) throws IOException {
        askAll(questions, listener, false);
    }

    /**
     * Asks them likewise, but a question that does not fit the model's context is answered by a text that begins with {@code
     * ERROR}, as in published files.
     */
    public void askAllThatFit(List<RunQuestion> questions, Recorded listener) throws IOException {
        askAll(questions, listener, true);
    }

    private void askAll(List<RunQuestion> questions, Recorded listener, boolean onlyThatFit) throws IOException {
        if (questions.isEmpty()) {
            return;
        }
        List<GenerationRequest.Chat> requests = questions.stream()
                .map(question -> new GenerationRequest.Chat(question.messages(), question.options()))
                .toList();
        try {
            model().chatAll(requests, new Recorder(questions, listener, onlyThatFit));
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }

    /** Writes down what is asked and answered while a model is at it. */
    private final class Recorder implements GenerationListener {
        private final List<RunQuestion> questions;
        private final Recorded listener;
        private final boolean onlyThatFit;
        /** When each question was put; 0 before. */
        private final long[] started;

        Recorder(List<RunQuestion> questions, Recorded listener, boolean onlyThatFit) {
            this.questions = questions;
            this.listener = listener;
            this.onlyThatFit = onlyThatFit;
            this.started = new long[questions.size()];
        }

        @Override
        public void started(int index) {
            RunQuestion question = questions.get(index);
            started[index] = System.nanoTime();
            try {
                log.ask(question.probe(), question.id(), question.condition(), now());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        @Override
        public void finished(int index, GenerationOutcome outcome) {
            RunQuestion question = questions.get(index);
            if (outcome instanceof GenerationOutcome.Answered(Generation generation)
                    && generation.finishReason() == FinishReason.CANCELLED) {
                throw stopped(question, "was cancelled.", null);
            }
            if (started[index] == 0) {
                started(index);
            }
            RecordedAnswer answer = answer(question, outcome, (System.nanoTime() - started[index]) / NANOS_PER_SECOND);
            try {
                listener.answered(question, record(question, answer));
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        private RecordedAnswer answer(RunQuestion question, GenerationOutcome outcome, double seconds) {
            return switch (outcome) {
                case GenerationOutcome.Answered(Generation generation) -> RecordedAnswer.of(generation, seconds, now());
                case GenerationOutcome.Failed(RuntimeException cause) -> {
                    if (onlyThatFit && cause instanceof ContextOverflowException tooLong) {
                        yield RecordedAnswer.failed(tooLong, now());
                    }
                    throw stopped(question, "failed: " + sentence(cause), cause);
                }
            };
        }
    }

    private RecordedAnswer record(RunQuestion question, RecordedAnswer answer) throws IOException {
        log.answer(question.probe(), question.id(), question.condition(), answer);
        recorded++;
        return answer;
    }

    private TextGenerator model() {
        if (loaded == null) {
            loaded = model.get();
        }
        return loaded;
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

    /** Now, as it is recorded. */
    public static String now() {
        return OffsetDateTime.now(ZoneOffset.UTC).format(TIME);
    }
}
