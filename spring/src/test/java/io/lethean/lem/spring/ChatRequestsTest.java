package io.lethean.lem.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.ToolCallFormat;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.SamplingOptions;
import io.lethean.lem.model.ToolChoice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.MessageType;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.content.Media;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.MimeTypeUtils;

class ChatRequestsTest {

    record City(String name) {}

    private static final ToolCallback WEATHER = FunctionToolCallback.builder("weather", (City city) -> "cold")
            .description("Says the weather of a city.")
            .inputType(City.class)
            .build();

    private static final List<Message> QUESTION = List.of(new UserMessage("Is it cold?"));

    private static final List<Message> RESULTS = List.of(
            new UserMessage("Is it cold?"),
            AssistantMessage.builder()
                    .content("Let me see.")
                    .toolCalls(List.of(
                            new AssistantMessage.ToolCall("1", "function", "weather", "{\"name\": \"Oslo\"}"),
                            new AssistantMessage.ToolCall("2", "function", "weather", "{\"name\": \"Rome\"}")))
                    .properties(Map.of(LemChatModel.THINKING, "I need the weather."))
                    .build(),
            ToolResponseMessage.builder()
                    .responses(List.of(
                            new ToolResponseMessage.ToolResponse("1", "weather", "cold"),
                            new ToolResponseMessage.ToolResponse("2", "weather", "warm")))
                    .build());

    private static LemChatOptions.Builder options() {
        return LemChatOptions.builder();
    }

    private static GenerationRequest.Chat request(List<Message> messages, LemChatOptions.Builder options) {
        return ChatRequests.of(messages, options.build());
    }

    @Test
    void messages_becomeTurns_withThinkingCallsAndResults() {
        List<Message> messages =
                List.of(new SystemMessage("Be brief."), RESULTS.get(0), RESULTS.get(1), RESULTS.get(2));

        List<io.lethean.lem.Message> turns = request(messages, options()).messages();

        assertThat(turns)
                .containsExactly(
                        io.lethean.lem.Message.system("Be brief."),
                        io.lethean.lem.Message.user("Is it cold?"),
                        io.lethean.lem.Message.assistant(
                                        "Let me see.",
                                        List.of(
                                                new io.lethean.lem.ToolCall("1", "weather", "{\"name\": \"Oslo\"}"),
                                                new io.lethean.lem.ToolCall("2", "weather", "{\"name\": \"Rome\"}")))
                                .withThinking("I need the weather."),
                        io.lethean.lem.Message.tool("1", "cold"),
                        io.lethean.lem.Message.tool("2", "warm"));
    }

    @Test
    void media_areRefusedWithTheirType() {
        Media image = new Media(MimeTypeUtils.IMAGE_PNG, new ByteArrayResource(new byte[] {1}));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> request(
                        List.of(UserMessage.builder().text("Look").media(image).build()), options()))
                .withMessage(
                        "A message has media of the type image/png, and LEM reads text only. Leave the media out of the"
                                + " message.");
    }

    @Test
    void messageOfAnUnknownClass_isRefused() {
        Message other = new Message() {
            @Override
            public MessageType getMessageType() {
                return MessageType.USER;
            }

            @Override
            public String getText() {
                return "x";
            }

            @Override
            public Map<String, Object> getMetadata() {
                return Map.of();
            }
        };

        assertThatIllegalArgumentException()
                .isThrownBy(() -> request(List.of(other), options()))
                .withMessageContaining("LEM reads system, user, assistant and tool messages");
    }

    @Test
    void withoutOptions_areThoseOfLem() {
        GenerationRequest.Chat request = request(QUESTION, options());

        assertThat(request.options()).isEqualTo(GenerationOptions.defaults());
        assertThat(request.chatOptions()).contains(io.lethean.lem.model.ChatOptions.defaults());
    }

    @Test
    void everyOption_reachesTheModel() {
        GenerationRequest.Chat request = request(
                QUESTION,
                new LemChatOptionsTest()
                        .readyToBuildBuilder()
                        .outputSchema(null)
                        .toolChoice(ToolChoice.NONE));

        assertThat(request.options())
                .isEqualTo(new GenerationOptions(
                        7,
                        new SamplingOptions(
                                0.5, 3, 0.95, 0.9, 0.05, 1.1, 32, 0.2, 0.1, Map.of(5, -1.0), OptionalLong.of(42)),
                        List.of("END"),
                        Optional.of("root ::= \"a\""),
                        Optional.empty(),
                        OptionalInt.of(2),
                        Optional.of(Duration.ofSeconds(3)),
                        Optional.of(List.of(AdapterUse.of(Path.of("a.gguf")))),
                        true));
        io.lethean.lem.model.ChatOptions chat = request.chatOptions().orElseThrow();
        assertThat(chat.tools()).singleElement().satisfies(tool -> {
            assertThat(tool.name()).isEqualTo("now");
            assertThat(tool.description()).isEqualTo("the time");
        });
        assertThat(chat.toolChoice()).isEqualTo(ToolChoice.NONE);
        assertThat(chat.parallelToolCalls()).contains(false);
        assertThat(chat.documents()).containsExactly(Map.of("title", "t", "text", "u"));
        assertThat(chat.variables()).isEqualTo(Map.of("x", "y", "enable_thinking", false));
        assertThat(chat.toolCallFormat()).contains(ToolCallFormat.HERMES);
    }

    @Test
    void tool_hasItsSchema() {
        GenerationRequest.Chat request = request(QUESTION, options().toolCallbacks(WEATHER));

        assertThat(request.chatOptions().orElseThrow().tools().getFirst().parameters())
                .contains("\"name\"")
                .contains("\"type\"");
    }

    @Test
    void demandedCall_isFreeAfterResults_soThatTheLoopEnds() {
        LemChatOptions.Builder demanded = options().toolCallbacks(WEATHER).toolChoice(ToolChoice.REQUIRED);

        assertThat(request(QUESTION, demanded).chatOptions().orElseThrow().toolChoice())
                .isEqualTo(ToolChoice.REQUIRED);
        assertThat(request(RESULTS, demanded).chatOptions().orElseThrow().toolChoice())
                .isEqualTo(ToolChoice.AUTO);
    }

    @Test
    void outputSchema_holdsTheAnswer() {
        GenerationRequest.Chat request = request(QUESTION, options().outputSchema("{\"type\": \"object\"}"));

        assertThat(request.options().jsonSchema()).contains("{\"type\": \"object\"}");
    }

    @Test
    void outputSchemaAndTools_areRefused() {
        LemChatOptions.Builder both = options().outputSchema("{}").toolCallbacks(WEATHER);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> request(QUESTION, both))
                .withMessageContaining("cannot call a tool")
                .withMessageContaining("useProviderStructuredOutput()");
        assertThat(request(QUESTION, both.toolChoice(ToolChoice.NONE)).options().jsonSchema())
                .contains("{}");
    }

    @Test
    void optionOutOfItsRange_isRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> request(QUESTION, options().topP(1.5)))
                .withMessageContaining("topP")
                .withMessageContaining("1.5");
    }
}
