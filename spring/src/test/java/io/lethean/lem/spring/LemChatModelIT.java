package io.lethean.lem.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.GrammarException;
import io.lethean.lem.Message;
import io.lethean.lem.model.ChatAnswer;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ToolChoice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.tool.annotation.Tool;
import reactor.core.Disposable;
import reactor.test.StepVerifier;

/** The adapter on lem-nano. */
class LemChatModelIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String QUESTION = "What should I do?";
    /** How often a test tries what a busy machine can spoil. */
    private static final int ROUNDS = 5;

    /** Lets the model write as long as there is room. */
    private static final LemChatOptions LONG =
            LemChatOptions.builder().maxTokens(1500).grammar("root ::= [a-z ]*").build();

    private static LemModel model;
    private static LemChatModel chat;

    record Choice(boolean good, int weight) {}

    @BeforeAll
    static void load() {
        model = Nano.load();
        chat = LemChatModel.builder(model)
                .options(LemChatOptions.builder().maxTokens(24).build())
                .build();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static ChatAnswer direct(int maxTokens) {
        return model.chat(
                List.of(Message.user(QUESTION)),
                io.lethean.lem.model.ChatOptions.defaults(),
                GenerationOptions.builder().maxTokens(maxTokens).build());
    }

    @Test
    void call_isTheAnswerOfTheModel() {
        ChatAnswer direct = direct(24);

        ChatResponse response = chat.call(new Prompt(QUESTION));

        assertThat(direct.content()).isNotBlank();
        assertThat(response.getResult().getOutput().getText()).isEqualTo(direct.content());
        assertThat(response.getMetadata().getModel()).isEqualTo("lem-nano");
        assertThat(response.getMetadata().getUsage().getPromptTokens())
                .isEqualTo(direct.generation().promptTokens());
        assertThat(response.getMetadata().getUsage().getCompletionTokens())
                .isEqualTo(direct.generation().generatedTokens());
        Generation generation = response.getMetadata().get(LemChatModel.GENERATION);
        assertThat(generation.tokens()).isEqualTo(direct.generation().tokens());
    }

    @Test
    void stream_joined_isTheAnswerOfTheModel() {
        List<String> pieces = new ArrayList<>();
        ChatResponse last = chat.stream(new Prompt(QUESTION))
                .doOnNext(each -> pieces.add(each.getResult().getOutput().getText()))
                .blockLast(SOON);

        assertThat(String.join("", pieces)).isEqualTo(direct(24).content());
        assertThat(pieces).hasSizeGreaterThan(3);
        assertThat(last.getResult().getMetadata().getFinishReason()).isIn("stop", "length");
        assertThat(last.getMetadata().getUsage().getCompletionTokens())
                .isEqualTo(direct(24).generation().generatedTokens());
    }

    @Test
    void maxTokens_endWithLength() {
        ChatResponse response = chat.call(
                new Prompt(QUESTION, LemChatOptions.builder().maxTokens(3).build()));

        assertThat(response.getResult().getMetadata().getFinishReason()).isEqualTo("length");
        assertThat(response.getMetadata().getUsage().getCompletionTokens()).isEqualTo(3);
    }

    @Test
    void subscriber_mayAskTheSameModel() {
        AtomicReference<String> inside = new AtomicReference<>();

        chat.stream(new Prompt(QUESTION))
                .doOnNext(each -> {
                    if (inside.get() == null) {
                        inside.set(chat.call(new Prompt(QUESTION))
                                .getResult()
                                .getOutput()
                                .getText());
                    }
                })
                .blockLast(SOON);

        assertThat(inside.get()).isEqualTo(direct(24).content());
    }

    @Test
    void slowSubscriber_doesNotHoldUpTheModel() throws InterruptedException {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch mayContinue = new CountDownLatch(1);
        Disposable slow = chat.stream(new Prompt(QUESTION)).subscribe(each -> {
            first.countDown();
            await(mayContinue);
        });
        assertThat(first.await(60, TimeUnit.SECONDS)).isTrue();

        // It would wait forever if the subscriber's answer did.
        String other = chat.call(new Prompt("And now?")).getResult().getOutput().getText();

        assertThat(other).isNotBlank();
        assertThat(slow.isDisposed()).isFalse();
        mayContinue.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void cancelledStream_endsTheGeneration() {
        Duration cancelled = Duration.ofDays(1);
        Duration whole = cancelled;
        // The shortest of some times, because the machine may be busy during one of them.
        for (int round = 0; round < ROUNDS && cancelled.compareTo(whole.dividedBy(2)) >= 0; round++) {
            cancelled = Collections.min(List.of(cancelled, cancelledAnswer()));
            whole = Collections.min(List.of(whole, fullAnswer()));
        }

        assertThat(cancelled).isLessThan(whole.dividedBy(2));
    }

    /** The time until a cancelled answer has ended. */
    private static Duration cancelledAnswer() {
        long begun = System.nanoTime();
        chat.stream(new Prompt(QUESTION, LONG)).take(2).blockLast(SOON);
        Duration untilCancelled = Duration.ofNanos(System.nanoTime() - begun);

        // One answer at a time: this one begins when the cancelled one has ended.
        Generation next = chat.call(new Prompt(
                        QUESTION, LemChatOptions.builder().maxTokens(1).build()))
                .getMetadata()
                .get(LemChatModel.GENERATION);
        return next.timings().waiting().plus(untilCancelled);
    }

    private static Duration fullAnswer() {
        Generation all = chat.call(new Prompt(QUESTION, LONG)).getMetadata().get(LemChatModel.GENERATION);
        assertThat(all.generatedTokens()).isEqualTo(1500);
        return all.timings().total();
    }

    @Test
    void interruptedCall_returnsWhatThereIs() throws InterruptedException {
        ChatResponse response = interrupted(100);
        // On a busy machine, the interrupt may come after the answer or before its first word.
        for (int round = 1; round < ROUNDS && !isCancelledWithText(response); round++) {
            response = interrupted(100 * (1 + round % 3));
        }

        assertThat(isCancelledWithText(response)).as(response.toString()).isTrue();
    }

    private static ChatResponse interrupted(long millis) throws InterruptedException {
        AtomicReference<ChatResponse> response = new AtomicReference<>();
        Thread caller = Thread.ofVirtual().start(() -> response.set(chat.call(new Prompt(QUESTION, LONG))));
        Thread.sleep(millis);
        caller.interrupt();
        assertThat(caller.join(SOON)).isTrue();
        return response.get();
    }

    private static boolean isCancelledWithText(ChatResponse response) {
        return response.getResult().getMetadata().getFinishReason().equals("cancelled")
                && !response.getResult().getOutput().getText().isBlank();
    }

    @Test
    void entity_isHeldToItsSchema_evenByAModelThatCannotWriteJson() {
        Choice choice = ChatClient.create(chat)
                .prompt("Is honesty good?")
                .options(LemChatOptions.builder().maxTokens(200))
                .call()
                .entity(Choice.class, spec -> spec.useProviderStructuredOutput());

        assertThat(choice).isNotNull();
    }

    /** A tool. */
    static final class Scale {
        final List<Boolean> weighed = new ArrayList<>();

        @Tool(description = "Weighs a thing.")
        String weigh(boolean exactly) {
            weighed.add(exactly);
            return "heavy";
        }
    }

    @Test
    void demandedCall_isHeldToTheTool_run_andAnswered() {
        Scale scale = new Scale();

        ChatResponse response = ChatClient.create(chat)
                .prompt("How heavy is thing number 3?")
                .options(
                        LemChatOptions.builder().toolChoice(ToolChoice.REQUIRED).maxTokens(200))
                .tools(scale)
                .call()
                .chatResponse();

        assertThat(scale.weighed).as(response.toString()).hasSize(1);
        assertThat(response.getResult().getOutput().getText()).isNotBlank();
    }

    @Test
    void refusals_areTyped() {
        assertThatExceptionOfType(ContextOverflowException.class)
                .isThrownBy(() -> chat.call(new Prompt("word ".repeat(3000))));
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> chat.call(new Prompt(
                        QUESTION, LemChatOptions.builder().grammar("root ::= (").build())));
        StepVerifier.create(chat.stream(new Prompt("word ".repeat(3000))))
                .expectError(ContextOverflowException.class)
                .verify(SOON);
    }

    @Test
    void closedModel_isRefused() {
        LemModel other = Nano.load();
        LemChatModel on = LemChatModel.of(other);
        other.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> on.call(new Prompt(QUESTION)))
                .withMessageContaining("closed");
        StepVerifier.create(on.stream(new Prompt(QUESTION)))
                .expectError(IllegalStateException.class)
                .verify(SOON);
    }
}
