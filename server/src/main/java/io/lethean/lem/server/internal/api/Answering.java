package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.AnswerListener;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationListener;
import io.lethean.lem.model.GenerationOutcome;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.TokenLogprobs;
import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.EventStream;
import io.lethean.lem.server.internal.http.HttpCall;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the model, and sends signs of life to the client until the answers are there. A client that is gone is noticed by
 * them, and ends its answers.
 */
final class Answering {

    private final ServedModel served;

    Answering(ServedModel served) {
        this.served = served;
    }

    /** Receives what a stream has to tell. */
    interface Listener {

        /**
         * A piece of the text of an answer.
         *
         * @param tokens the tokens since the piece before, if log-probabilities are asked for
         */
        void text(int index, String piece, List<TokenLogprobs> tokens) throws IOException;

        /** An answer is complete. */
        void end(int index, Generation answer) throws IOException;
    }

    /** What the model's threads tell the request's thread. */
    private sealed interface Event {

        record Started() implements Event {}

        record Text(int index, String piece, List<TokenLogprobs> tokens) implements Event {}

        record End(int index, GenerationOutcome outcome) implements Event {}

        record Lost(Throwable cause) implements Event {}
    }

    /**
     * All answers, when they are complete.
     *
     * @throws ApiError if one of them fails
     * @throws IOException if the client is gone
     */
    List<Generation> complete(HttpCall call, List<? extends GenerationRequest> requests) throws IOException {
        BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        Cancellation cancellation = new Cancellation();
        @Nullable Generation[] answers = new @Nullable Generation[requests.size()];
        try (OpenAnswers.Work _ = served.open().begin(requests.size(), cancellation::cancel)) {
            start(events, () -> served.model().generateAll(requests, telling(events), cancellation));
            boolean started = false;
            int open = requests.size();
            while (open > 0) {
                Event event = next(events);
                if (event instanceof Event.End(int index, GenerationOutcome outcome)) {
                    answers[index] = accepted(outcome);
                    open--;
                } else if (event instanceof Event.Lost(Throwable cause)) {
                    throw LibraryErrors.of(served, cause);
                } else if (event instanceof Event.Started) {
                    started = true;
                } else if (event == null && started) {
                    call.keepAlive();
                }
            }
        } finally {
            cancellation.cancel();
        }
        return Arrays.stream(answers).map(Objects::requireNonNull).toList();
    }

    private static GenerationListener telling(BlockingQueue<Event> events) {
        return new GenerationListener() {
            @Override
            public void started(int index) {
                events.add(new Event.Started());
            }

            @Override
            public void finished(int index, GenerationOutcome outcome) {
                events.add(new Event.End(index, outcome));
            }
        };
    }

    /**
     * Answers as they grow. Once the stream has begun, what fails is told by an event.
     *
     * @throws ApiError if a request fails before the stream has begun
     * @throws IOException if the client is gone
     */
    boolean stream(EventStream stream, List<? extends GenerationRequest> requests, Listener listener)
            throws IOException {
        BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        Cancellation cancellation = new Cancellation();
        try (OpenAnswers.Work _ = served.open().begin(requests.size(), cancellation::cancel)) {
            for (int i = 0; i < requests.size(); i++) {
                int index = i;
                start(
                        events,
                        () -> events.add(new Event.End(
                                index,
                                new GenerationOutcome.Answered(served.model()
                                        .generate(requests.get(index), pieces(index, events), cancellation)))));
            }
            relay(stream, events, requests.size(), listener);
            return true;
        } catch (ApiError failed) {
            if (!stream.hasBegun()) {
                throw failed;
            }
            stream.fail(failed);
            return false;
        } finally {
            cancellation.cancel();
        }
    }

    /** For the model's thread. */
    private static AnswerListener pieces(int index, BlockingQueue<Event> events) {
        return new AnswerListener() {
            private final List<TokenLogprobs> tokens = new ArrayList<>();

            @Override
            public void accept(String piece) {
                events.add(new Event.Text(index, piece, List.copyOf(tokens)));
                tokens.clear();
            }

            @Override
            public void token(TokenLogprobs token) {
                tokens.add(token);
            }
        };
    }

    private void relay(EventStream stream, BlockingQueue<Event> events, int answers, Listener listener)
            throws IOException {
        int open = answers;
        while (open > 0) {
            Event event = next(events);
            switch (event) {
                case null -> stream.comment();
                case Event.Text(int index, String piece, List<TokenLogprobs> tokens) ->
                    listener.text(index, piece, tokens);
                case Event.End(int index, GenerationOutcome outcome) -> {
                    listener.end(index, accepted(outcome));
                    open--;
                }
                case Event.Lost(Throwable cause) -> throw LibraryErrors.of(served, cause);
                case Event.Started started -> {}
            }
        }
    }

    private static void start(BlockingQueue<Event> events, Runnable work) {
        Thread.ofVirtual().name("lem-server-answer").start(() -> {
            try {
                work.run();
            } catch (Throwable lost) {
                events.add(new Event.Lost(lost));
            }
        });
    }

    /** Null if nothing has happened for so long that the client should get a sign of life. */
    private @Nullable Event next(BlockingQueue<Event> events) throws IOException {
        try {
            return events.poll(served.heartbeat().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("The request's thread was interrupted.", stopped);
        }
    }

    private Generation accepted(GenerationOutcome outcome) {
        Generation answer;
        try {
            answer = outcome.orThrow();
        } catch (RuntimeException failed) {
            throw LibraryErrors.of(served, failed);
        }
        if (answer.finishReason() == FinishReason.CANCELLED) {
            throw LibraryErrors.stopping();
        }
        answer.timings().firstToken().ifPresent(served.metrics()::firstToken);
        served.metrics().answered(answer.promptTokens(), answer.reusedTokens(), answer.generatedTokens());
        return answer;
    }
}
