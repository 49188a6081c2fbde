package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lethean.lem.ModelBusyException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The order of turns, without a model. */
class CallQueueTest {

    private static final int ROUND = 3;

    private final CallQueue queue = new CallQueue(
            (index, request) -> new EncodedRequest(index, new int[] {1}, request.options(), false), ROUND);
    private final List<String> started = new ArrayList<>();

    /** A call with requests that take adapter "a" or "b", as their text says. */
    private GenerationCall call(String... texts) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (String text : texts) {
            requests.add(new GenerationRequest.Text(
                    text, GenerationOptions.builder().stop(text).build()));
        }
        GenerationCall call = new GenerationCall(requests, (index, outcome) -> {}, text -> {});
        queue.add(call);
        return call;
    }

    private static String adapter(EncodedRequest request) {
        return request.options().stop().getFirst().substring(0, 1);
    }

    /** Starts all; a request ends before the next one if another adapter waits for that. */
    private List<String> startAll() {
        String applied = "a";
        boolean idle = true;
        for (int turn = 0; turn < 100; turn++) {
            String present = applied;
            Predicate<EncodedRequest> fits = request -> adapter(request).equals(present);
            GenerationCall next = queue.next(idle, fits);
            if (next == null) {
                idle = true;
                continue;
            }
            EncodedRequest request = next.next();
            applied = adapter(request);
            idle = false;
            started.add(request.options().stop().getFirst());
        }
        return started;
    }

    @Test
    void callThatHasItsAnswers_makesRoomForTheNextAtOnce() {
        GenerationCall answered = new GenerationCall(List.of(), (index, outcome) -> {}, text -> {});
        queue.add(answered, 1);
        GenerationCall next = new GenerationCall(List.of(), (index, outcome) -> {}, text -> {});
        assertThatExceptionOfType(ModelBusyException.class).isThrownBy(() -> queue.add(next, 1));

        answered.done().succeed(true);

        queue.add(next, 1);
        assertThatExceptionOfType(ModelBusyException.class)
                .isThrownBy(() -> queue.add(next, 1))
                .withMessageContaining("has 1 calls");
    }

    @Test
    void callsTakeTurns() {
        call("a1", "a2", "a3");
        call("a4", "a5");

        assertThat(startAll()).containsExactly("a1", "a4", "a2", "a5", "a3");
    }

    @Test
    void requestsWithTheSameAdapters_areAnsweredTogether() {
        call("a1");
        call("b1");
        call("a2");
        call("b2");

        assertThat(startAll()).containsExactly("a1", "a2", "b1", "b2");
    }

    @Test
    void requestsWithOtherAdapters_getTheirTurnAfterARound() {
        call("a1", "a2", "a3", "a4", "a5", "a6", "a7");
        call("b1");
        call("b2");

        assertThat(startAll()).containsExactly("a1", "a2", "a3", "b1", "b2", "a4", "a5", "a6", "a7");
    }

    @Test
    void otherAdapters_waitUntilTheLastAnswerHasEnded() {
        call("b1");

        assertThat(queue.next(false, request -> false)).isNull();
        assertThat(queue.next(true, request -> false)).isNotNull();
    }
}
