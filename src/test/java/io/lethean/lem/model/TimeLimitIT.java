package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Background;
import io.lethean.lem.Fixtures;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Answers end in time, wherever they are: waiting, at their prompt or at their tokens. */
class TimeLimitIT {

    private static LemModel load(int parallel) throws IOException {
        return LemModel.load(
                Fixtures.require("models/stories260K-f32.gguf"),
                ModelOptions.builder().parallel(parallel).threads(1).build());
    }

    private static GenerationOptions.Builder tokens(int most) {
        return GenerationOptions.builder().maxTokens(most);
    }

    /** The model's thread calls it, and looks at the limits in between. */
    private static void slowDownUntil(CountDownLatch end) {
        try {
            end.await(100, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void requestThatWaitsForItsTurn_endsAtItsLimit_andTheOthersGoOn() throws Exception {
        try (LemModel model = load(1)) {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch answered = new CountDownLatch(1);
            CompletableFuture<Generation> slow = Background.call(
                    () -> model.generate("Once upon a time", tokens(200).build(), text -> {
                        begun.countDown();
                        slowDownUntil(answered);
                    }));
            begun.await();

            Generation late = model.generate(
                    "Lily", tokens(5).timeLimit(Duration.ofMillis(100)).build());

            assertThat(slow.isDone()).isFalse();
            answered.countDown();
            assertThat(late.finishReason()).isEqualTo(FinishReason.TIME_LIMIT);
            assertThat(late.tokens()).isEmpty();
            assertThat(slow.get().finishReason()).isNotEqualTo(FinishReason.CANCELLED);
        }
    }

    @Test
    void eachRequestOfACall_hasALimitOfItsOwn() throws IOException {
        try (LemModel model = load(1)) {
            GenerationOptions patient = tokens(20).build();
            GenerationOptions hasty = tokens(20).timeLimit(Duration.ofNanos(1)).build();

            FinishReason[] reasons = new FinishReason[3];
            model.generateAll(
                    List.of(
                            new GenerationRequest.Text("A", patient),
                            new GenerationRequest.Text("B", hasty),
                            new GenerationRequest.Text("C", patient)),
                    (index, outcome) -> reasons[index] = outcome.orThrow().finishReason(),
                    new Cancellation());

            assertThat(reasons).containsExactly(FinishReason.LENGTH, FinishReason.TIME_LIMIT, FinishReason.LENGTH);
        }
    }

    @Test
    void promptThatEndedEarly_leavesNothingWrongForTheNext() throws IOException {
        String prompt = "Once upon a time, there was a little girl named Lily. ".repeat(20);
        GenerationOptions whole = tokens(8).logprobs(0).build();
        try (LemModel model = load(1);
                LemModel fresh = load(1)) {
            Generation expected = fresh.generate(prompt, whole);
            for (int limit = 1; limit < 40; limit++) {
                Duration soon = Duration.ofNanos(limit * 250_000L);
                Generation ended =
                        model.generate(prompt, whole.toBuilder().timeLimit(soon).build());
                Generation next = model.generate(prompt, whole);

                assertThat(next.logprobs()).as("after %s", ended).isEqualTo(expected.logprobs());
                assertThat(next.tokens()).isEqualTo(expected.tokens());
                model.generate("Something else", whole);
            }
        }
    }
}
