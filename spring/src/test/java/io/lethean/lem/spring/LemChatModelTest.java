package io.lethean.lem.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.ToolCall;
import io.lethean.lem.model.AnswerParts;
import io.lethean.lem.model.Generation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.test.StepVerifier;

/** What Spring AI gets, given answers of a script. */
class LemChatModelTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private static final AnswerParts EVERYTHING = new AnswerParts(
            "It is cold. ",
            Optional.of("What is the weather? "),
            List.of(new ToolCall("c1", "weather", "{\"city\": \"Oslo\"}")),
            List.of("<tool_call>{"));

    private static AssistantMessage message(ChatResponse response) {
        return response.getResult().getOutput();
    }

    @Test
    void call_hasWordsUsageNameAndGeneration() {
        ChatResponse response = Script.saying("Good day.").model().build().call(new Prompt("Hello"));

        assertThat(message(response).getText()).isEqualTo("Good day.");
        assertThat(response.getResult().getMetadata().getFinishReason()).isEqualTo("stop");
        assertThat(response.getMetadata().getId()).startsWith("lem-");
        assertThat(response.getMetadata().getModel()).isEqualTo(Script.NAME);
        Usage usage = response.getMetadata().getUsage();
        assertThat(usage.getPromptTokens()).isEqualTo(12);
        assertThat(usage.getCompletionTokens()).isEqualTo(5);
        assertThat(usage.getTotalTokens()).isEqualTo(17);
        assertThat(usage.getCacheReadInputTokens()).isEqualTo(4);
        Generation generation = response.getMetadata().get(LemChatModel.GENERATION);
        assertThat(generation.generatedTokens()).isEqualTo(5);
    }

    @Test
    void call_hasThinkingCallsAndMalformedCalls() {
        ChatResponse response =
                new Script(request -> EVERYTHING).model().build().call(new Prompt("Hello"));

        assertThat(message(response).getText()).isEqualTo("It is cold. ");
        assertThat(message(response).getMetadata())
                .containsEntry(LemChatModel.THINKING, "What is the weather? ")
                .containsEntry(LemChatModel.MALFORMED_TOOL_CALLS, List.of("<tool_call>{"));
        assertThat(message(response).getToolCalls())
                .containsExactly(new AssistantMessage.ToolCall("c1", "function", "weather", "{\"city\": \"Oslo\"}"));
        assertThat(response.getResult().getMetadata().getFinishReason()).isEqualTo("tool_calls");
        assertThat(response.hasToolCalls()).isTrue();
    }

    @Test
    void stream_hasPartsAndThenTheRestOnce() {
        List<ChatResponse> responses = new Script(request -> EVERYTHING)
                .model().build().stream(new Prompt("Hello")).collectList().block(SOON);

        assertThat(responses)
                .extracting(each -> message(each).getText())
                .containsExactly("", "", "", "", "It ", "is ", "cold. ", "");
        assertThat(responses)
                .extracting(each -> message(each).getMetadata().get(LemChatModel.THINKING_DELTA))
                .containsExactly("What ", "is ", "the ", "weather? ", null, null, null, null);
        ChatResponse last = responses.getLast();
        assertThat(responses.subList(0, 7)).allSatisfy(each -> {
            assertThat(each.hasToolCalls()).isFalse();
            assertThat(each.getResult().getMetadata().getFinishReason()).isNull();
            assertThat(each.getMetadata().getId()).isEqualTo(last.getMetadata().getId());
        });
        assertThat(message(last).getMetadata()).containsEntry(LemChatModel.THINKING, "What is the weather? ");
        assertThat(message(last).getToolCalls()).hasSize(1);
        assertThat(last.getResult().getMetadata().getFinishReason()).isEqualTo("tool_calls");
        assertThat(last.getMetadata().getUsage().getTotalTokens()).isEqualTo(17);
    }

    @Test
    void subscriber_isToldOnOneVirtualThread() {
        List<Thread> threads = new CopyOnWriteArrayList<>();
        Script.saying("one two three").model().build().stream(new Prompt("Count"))
                .doOnNext(each -> threads.add(Thread.currentThread()))
                .blockLast(SOON);

        assertThat(threads).hasSize(4).containsOnly(threads.getFirst());
        assertThat(threads.getFirst().isVirtual()).isTrue();
    }

    @Test
    void subscriberThatRequestsLittle_getsWhatItRequests_andNothingIsLost() {
        StepVerifier.create(
                        Script.saying("one two three").model().build().stream(new Prompt("Count"))
                                .map(each -> message(each).getText()),
                        0)
                .thenAwait(Duration.ofMillis(50))
                .thenRequest(1)
                .expectNext("one ")
                .expectNoEvent(Duration.ofMillis(50))
                .thenRequest(2)
                .expectNext("two ", "three")
                .thenRequest(1)
                .expectNext("")
                .expectComplete()
                .verify(SOON);
    }

    @Test
    void exceptionOfTheModel_isTheErrorOfTheStream_andThrownByCall() {
        LemChatModel model = new Script(request -> {
                    throw new IllegalStateException("The model is closed.");
                })
                .model()
                .build();

        StepVerifier.create(model.stream(new Prompt("Hello")))
                .expectErrorMessage("The model is closed.")
                .verify(SOON);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> model.call(new Prompt("Hello"))))
                .hasMessage("The model is closed.");
    }

    @Test
    void eachSubscriber_asksOnce() {
        Script script = Script.saying("yes");
        var stream = script.model().build().stream(new Prompt("Hello"));
        assertThat(script.asked).isEmpty();

        stream.blockLast(SOON);
        stream.blockLast(SOON);

        assertThat(script.asked).hasSize(2);
    }

    @Test
    void anotherModel_isRefused_itsOwnNameIsNot() {
        LemChatModel model = Script.saying("yes").model().build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.call(
                        new Prompt("Hello", ChatOptions.builder().model("gpt").build())))
                .withMessage(
                        "The request asks for the model 'gpt', and this model is 'script'. Leave the model out of the"
                                + " options, or ask another bean.");
        StepVerifier.create(model.stream(
                        new Prompt("Hello", ChatOptions.builder().model("gpt").build())))
                .expectErrorMatches(error -> error instanceof IllegalArgumentException)
                .verify(SOON);
        assertThat(model.call(new Prompt(
                                "Hello", ChatOptions.builder().model("script").build()))
                        .getResult())
                .isNotNull();
    }

    @Test
    void options_areThoseOfTheRequest_andWhereItHasNoneThoseOfTheModel() {
        Script script = Script.saying("yes");
        LemChatModel model = script.model()
                .options(LemChatOptions.builder().seed(5L).maxTokens(10).build())
                .build();

        model.call(new Prompt("Hello"));
        model.call(new Prompt("Hello", ChatOptions.builder().maxTokens(20).build()));

        assertThat(script.asked).extracting(each -> each.options().maxTokens()).containsExactly(10, 20);
        assertThat(script.asked)
                .allSatisfy(each -> assertThat(each.options().sampling().seed()).hasValue(5));
        assertThat(model.getOptions().getModel()).isEqualTo("script");
    }

    @Test
    void blankName_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Script.saying("yes").model().name(" "))
                .withMessageContaining("name of the model is empty");
    }

    @Test
    void thinkingOfAnAnswer_goesBackToTheTemplate() {
        Script script = new Script(request -> EVERYTHING);
        LemChatModel model = script.model().build();
        AssistantMessage answer = message(model.call(new Prompt("Hello")));

        model.call(new Prompt(List.of(new org.springframework.ai.chat.messages.UserMessage("Hello"), answer)));

        assertThat(script.asked.getLast().messages().getLast().thinking()).contains("What is the weather? ");
        assertThat(Map.of()).isEmpty();
    }
}
