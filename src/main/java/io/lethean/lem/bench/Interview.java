package io.lethean.lem.bench;

import io.lethean.lem.BenchmarkException;
import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.model.ChatModel;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts a run's questions to a model, each answer in the log before the next question is put.
 *
 * <p>The model is loaded when the first question is about to be put, and not at all if everything is recorded.
 */
final class Interview {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx");
    private static final double NANOS_PER_SECOND = 1e9;

    private final RunLog log;
    private final Supplier<? extends ChatModel> model;
    private final int questions;
    private int recorded;
    private @Nullable ChatModel loaded;

    /**
     * @param questions of the whole run
     * @param recorded how many of them have an answer already
     */
    Interview(RunLog log, Supplier<? extends ChatModel> model, int questions, int recorded) {
        this.log = log;
        this.model = model;
        this.questions = questions;
        this.recorded = recorded;
    }

    /** Questions whose answers are recorded by now. */
    int recorded() {
        return recorded;
    }

    /** All questions of the run. */
    int questions() {
        return questions;
    }

    /** The answer that the log holds. */
    Optional<RecordedAnswer> recorded(RunQuestion question) {
        return log.answer(question.probe(), question.condition());
    }

    /**
     * Puts a question whose answer is not recorded.
     *
     * @throws BenchmarkException if the model fails or is cancelled; what is recorded stays
     */
    RecordedAnswer ask(RunQuestion question) throws IOException {
        ChatModel chat = model();
        log.ask(question.probe(), question.id(), question.condition(), now());
        long start = System.nanoTime();
        Generation generation = generate(chat, question);
        double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
        return record(question, RecordedAnswer.of(generation, seconds, now()));
    }

    /** Told of an answer that has been recorded. */
    interface Recorded {
        void answered(RunQuestion question, RecordedAnswer answer) throws IOException;
    }

    /**
     * Puts questions whose answers are not recorded. One that does not fit the model's context is answered by a text that
     * begins with {@code ERROR}, as in published files, and the others are asked all the same.
     *
     * @throws BenchmarkException if the model fails otherwise or is cancelled; what is recorded stays
     */
    void askAll(List<RunQuestion> questions, Recorded listener) throws IOException {
        for (RunQuestion question : questions) {
            RecordedAnswer answer;
            try {
                answer = ask(question);
            } catch (BenchmarkException e) {
                if (!(e.getCause() instanceof ContextOverflowException tooLong)) {
                    throw e;
                }
                answer = record(question, RecordedAnswer.failed(tooLong, now()));
            }
            listener.answered(question, answer);
        }
    }

    private RecordedAnswer record(RunQuestion question, RecordedAnswer answer) throws IOException {
        log.answer(question.probe(), question.id(), question.condition(), answer);
        recorded++;
        return answer;
    }

    private ChatModel model() {
        if (loaded == null) {
            loaded = model.get();
        }
        return loaded;
    }

    private Generation generate(ChatModel chat, RunQuestion question) {
        Generation generation;
        try {
            generation = chat.chat(question.messages(), question.options());
        } catch (RuntimeException e) {
            throw stopped(question, "failed: " + sentence(e), e);
        }
        if (generation.finishReason() == FinishReason.CANCELLED) {
            throw stopped(question, "was cancelled.", null);
        }
        return generation;
    }

    private static String sentence(RuntimeException e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.endsWith(".") ? message : message + ".";
    }

    private BenchmarkException stopped(RunQuestion question, String fault, @Nullable RuntimeException cause) {
        String message = "The answer to probe '%s' under the condition '%s' %s %d of %d answers are recorded; "
                + "run the same command again to go on.";
        return new BenchmarkException(
                message.formatted(question.id(), question.condition(), fault, recorded, questions), cause);
    }

    /** Now, as it is recorded. */
    static String now() {
        return OffsetDateTime.now(ZoneOffset.UTC).format(TIME);
    }
}
