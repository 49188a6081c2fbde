package io.lethean.lem.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.Message;
import io.lethean.lem.model.ChatAnswer;
import io.lethean.lem.model.ChatOptions;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ToolChoice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.memory.MessageWindowChatMemory;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.support.ToolCallbacks;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.annotation.Tool;

/** ChatClient on SmolLM2-135M. */
@Tag("real")
class RealModelIT {

    private static final Duration SOON = Duration.ofMinutes(3);

    private static LemModel model;
    private static LemChatModel chat;
    private static ChatClient client;

    record City(String name, String country) {}

    @BeforeAll
    static void load() {
        model = Nano.load(Fixtures.realModel("smollm2"));
        chat = LemChatModel.builder(model)
                .options(LemChatOptions.builder().maxTokens(60).build())
                .build();
        client = ChatClient.create(chat);
    }

    @AfterAll
    static void close() {
        if (model != null) {
            model.close();
        }
    }

    @Test
    void call_isTheAnswerOfTheModel() {
        String question = "What is the capital of France?";
        ChatAnswer direct = model.chat(
                List.of(Message.user(question)),
                ChatOptions.defaults(),
                GenerationOptions.builder().maxTokens(60).build());

        assertThat(client.prompt(question).call().content())
                .isEqualTo(direct.content())
                .isNotBlank();
    }

    @Test
    void stream_joined_isTheCall() {
        String question = "What is the capital of France?";
        List<String> pieces =
                client.prompt(question).stream().content().collectList().block(SOON);

        assertThat(String.join("", pieces))
                .isEqualTo(client.prompt(question).call().content());
        assertThat(pieces).hasSizeGreaterThan(5);
    }

    @Test
    void entity_isFilled() {
        City city = client.prompt("Name the capital of France, and its country.")
                .call()
                .entity(City.class, spec -> spec.useProviderStructuredOutput());

        assertThat(city.name()).containsIgnoringCase("Paris");
        assertThat(city.country()).containsIgnoringCase("France");
    }

    /** A tool. */
    static final class Weather {
        @Tool(description = "Says the weather of a city.")
        String weather(String city) {
            return "snow in " + city;
        }
    }

    /** Without the loop of ChatClient: a model of this size would call the tool again and again. */
    @Test
    void demandedCall_namesTheCity_andItsResultIsAnswered() {
        ToolCallback weather = ToolCallbacks.from(new Weather())[0];
        LemChatOptions required = LemChatOptions.builder()
                .toolCallbacks(weather)
                .toolChoice(ToolChoice.REQUIRED)
                .maxTokens(60)
                .build();
        List<org.springframework.ai.chat.messages.Message> turns =
                new ArrayList<>(List.of(new UserMessage("What is the weather in Paris?")));

        AssistantMessage call =
                chat.call(new Prompt(turns, required)).getResult().getOutput();
        assertThat(call.getToolCalls()).singleElement().satisfies(asked -> {
            assertThat(asked.name()).isEqualTo("weather");
            assertThat(asked.arguments()).contains("Paris");
        });

        String id = call.getToolCalls().getFirst().id();
        turns.add(call);
        turns.add(ToolResponseMessage.builder()
                .responses(List.of(new ToolResponseMessage.ToolResponse(
                        id,
                        "weather",
                        weather.call(call.getToolCalls().getFirst().arguments()))))
                .build());
        AssistantMessage answer = chat.call(new Prompt(
                        turns, required.mutate().toolChoice(ToolChoice.NONE).build()))
                .getResult()
                .getOutput();
        assertThat(answer.getToolCalls()).isEmpty();
        assertThat(answer.getText()).isNotBlank();
    }

    @Test
    void memory_bringsEarlierTurns_whichAreNotEvaluatedAgain() {
        ChatMemory memory = MessageWindowChatMemory.builder().build();
        ChatClient remembering = client.mutate()
                .defaultAdvisors(MessageChatMemoryAdvisor.builder(memory).build())
                .defaultAdvisors(advisor -> advisor.param(ChatMemory.CONVERSATION_ID, "one"))
                .build();

        Usage first = remembering
                .prompt("Hello, my name is Ada.")
                .call()
                .chatResponse()
                .getMetadata()
                .getUsage();
        Usage second = remembering
                .prompt("What is my name?")
                .call()
                .chatResponse()
                .getMetadata()
                .getUsage();

        assertThat(second.getPromptTokens()).isGreaterThan(first.getTotalTokens());
        assertThat(second.getCacheReadInputTokens()).isGreaterThanOrEqualTo((long) first.getPromptTokens() / 64 * 64);
    }
}
