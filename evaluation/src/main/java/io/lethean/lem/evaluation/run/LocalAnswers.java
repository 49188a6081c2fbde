package io.lethean.lem.evaluation.run;

import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationListener;
import io.lethean.lem.model.GenerationOutcome;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.TextGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The answers of a model in this process, as many in parallel as the model can. A run that another kind of machine began is continued,
 * with a warning in the log {@code io.lethean.lem.evaluation}: a new build of the native libraries is such a machine, too.
 */
public final class LocalAnswers implements AnswerSource {

    private static final Logger LOG = System.getLogger("io.lethean.lem.evaluation");
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
            TextGenerator answering = model();
            Optional<Machine> here =
                    answering instanceof LemModel loadedHere ? Optional.of(Machine.of(loadedHere)) : Optional.empty();
            here.ifPresent(machine -> warnOfMix(machine, receiver.machines()));
            answering.chatAll(requests, new Listener(questions, receiver, here));
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }

    private static void warnOfMix(Machine here, List<Machine> recorded) {
        recorded.stream()
                .filter(machine -> !machine.answersAs(here))
                .findFirst()
                .ifPresent(other -> LOG.log(
                        Level.WARNING,
                        "Recorded answers of this run were computed by {0}, and the next ones are computed by {1}: last digits,"
                                + " and then sometimes a token, may depend on which machine answered. lem status names both.",
                        other.described(),
                        here.described()));
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
        private final Optional<Machine> machine;
        /** When each question was put; 0 before. */
        private final long[] started;

        Listener(List<RunQuestion> questions, Receiver receiver, Optional<Machine> machine) {
            this.questions = questions;
            this.receiver = receiver;
            this.machine = machine;
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

        private RecordedAnswer recorded(Generation generation, int index) {
            RecordedAnswer answer =
                    RecordedAnswer.of(generation, (System.nanoTime() - started[index]) / NANOS_PER_SECOND);
            return machine.map(answer::withMachine).orElse(answer);
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
                        receiver.answered(question, recorded(generation, index));
                    case GenerationOutcome.Failed(RuntimeException cause) -> receiver.failed(question, cause);
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }
}
