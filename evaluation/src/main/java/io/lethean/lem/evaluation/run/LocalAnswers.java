package io.lethean.lem.evaluation.run;

import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationListener;
import io.lethean.lem.model.GenerationOutcome;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.TextGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The answers of a model in this process, as many in parallel as the model can. */
public final class LocalAnswers implements AnswerSource {

    private static final double NANOS_PER_SECOND = 1e9;

    private final Supplier<? extends TextGenerator> model;
    private @Nullable TextGenerator loaded;

    /**
     * The answers of one model.
     *
     * @param model called once, before the first question, and not if nothing is asked
     */
    public LocalAnswers(Supplier<? extends TextGenerator> model) {
        this.model = model;
    }

    @Override
    public void ask(List<RunQuestion> questions, Receiver receiver) throws IOException {
        if (questions.isEmpty()) {
            return;
        }
        List<GenerationRequest.Chat> requests = questions.stream()
                .map(question -> new GenerationRequest.Chat(question.messages(), question.options()))
                .toList();
        try {
            model().chatAll(requests, new Listener(questions, receiver));
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }

    private TextGenerator model() {
        TextGenerator present = loaded;
        if (present == null) {
            present = model.get();
            loaded = present;
        }
        return present;
    }

    /** Tells the receiver what the model tells. */
    private static final class Listener implements GenerationListener {
        private final List<RunQuestion> questions;
        private final Receiver receiver;
        /** When each question was put; 0 before. */
        private final long[] started;

        Listener(List<RunQuestion> questions, Receiver receiver) {
            this.questions = questions;
            this.receiver = receiver;
            this.started = new long[questions.size()];
        }

        @Override
        public void started(int index) {
            started[index] = System.nanoTime();
            try {
                receiver.started(questions.get(index));
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        @Override
        public void finished(int index, GenerationOutcome outcome) {
            if (started[index] == 0) {
                started[index] = System.nanoTime();
            }
            RunQuestion question = questions.get(index);
            try {
                switch (outcome) {
                    case GenerationOutcome.Answered(Generation generation)
                    when generation.finishReason() == FinishReason.CANCELLED -> throw receiver.cancelled(question);
                    case GenerationOutcome.Answered(Generation generation) ->
                        receiver.answered(
                                question,
                                RecordedAnswer.of(generation, (System.nanoTime() - started[index]) / NANOS_PER_SECOND));
                    case GenerationOutcome.Failed(RuntimeException cause) -> receiver.failed(question, cause);
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }
}
