package io.lethean.lem.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Message;
import io.lethean.lem.internal.schema.JsonSchema;
import io.lethean.lem.model.ChatOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How requests become LEM's and answers become LangChain4j's, and what is refused. */
class ChatRulesIT {

    private static final ToolSpecification WEATHER = ToolSpecification.builder()
            .name("get_weather")
            .description("Says the weather.")
            .parameters(JsonObjectSchema.builder()
                    .addEnumProperty("city", List.of("Rome", "Oslo"))
                    .addIntegerProperty("days")
                    .required("city", "days")
                    .build())
            .build();

    private static final ChatModel RANDOM =
            LemChatModel.builder(ScriptedModel.model()).modelName("random").build();

    private static ChatModel saying(String text) {
        return LemChatModel.of(ScriptedModel.saying(messages -> text), ScriptedModel.settings());
    }

    private static StreamingChatModel streaming(String text) {
        return LemStreamingChatModel.of(ScriptedModel.saying(messages -> text), ScriptedModel.settings());
    }

    private static ChatRequest.Builder asking(String text) {
        return ChatRequest.builder().messages(UserMessage.from(text));
    }

    @Test
    void conversation_reachesTheModelAsItIs() {
        List<Message> seen = new ArrayList<>();
        ChatModel model = LemChatModel.of(
                ScriptedModel.saying(messages -> {
                    seen.addAll(messages);
                    return "Yes.";
                }),
                ScriptedModel.settings());
        ToolExecutionRequest call = ToolExecutionRequest.builder()
                .id("a1")
                .name("get_weather")
                .arguments("{\"city\": \"Rome\"}")
                .build();

        ChatResponse response = model.chat(
                UserMessage.from(TextContent.from("Weather"), TextContent.from("in Rome?")),
                AiMessage.builder()
                        .thinking("A city.")
                        .toolExecutionRequests(List.of(call))
                        .build(),
                ToolExecutionResultMessage.from(call, "warm"));

        assertThat(seen)
                .containsExactly(
                        Message.user("Weather\nin Rome?"),
                        Message.assistant(
                                        "",
                                        List.of(new io.lethean.lem.ToolCall(
                                                "a1", "get_weather", "{\"city\": \"Rome\"}")))
                                .withThinking("A city."),
                        Message.tool("a1", "warm"));
        assertThat(response.aiMessage().text()).isEqualTo("Yes.");
        assertThat(response.metadata().modelName()).isEqualTo("scripted");
        assertThat(response.metadata().finishReason()).isEqualTo(FinishReason.STOP);
        assertThat(response.metadata().tokenUsage().outputTokenCount()).isPositive();
    }

    @Test
    void thinking_isToldApart_alsoWhileItIsStreamed() throws Exception {
        String text = "<think>\nIt is a city.\n</think>\n\nRome.";
        RecordingHandler handler = new RecordingHandler();
        streaming(text).chat("Which?", handler);
        AiMessage streamed = handler.response().aiMessage();
        AiMessage whole = saying(text).chat(asking("Which?").build()).aiMessage();

        assertThat(whole.thinking()).isEqualTo("It is a city.");
        assertThat(whole.text()).isEqualTo("Rome.");
        assertThat(streamed).isEqualTo(whole);
        assertThat(String.join("", handler.thoughts)).isEqualTo(whole.thinking());
        assertThat(handler.thoughts.size()).isGreaterThan(1);
        assertThat(String.join("", handler.pieces)).isEqualTo(whole.text());
    }

    @Test
    void calls_areStreamedInOrder_withTheIdsOfTheResponse() throws Exception {
        String text = "Well: " + ScriptedModel.call("get_weather", "{\"city\": \"Rome\", \"days\": 1}") + "\n"
                + ScriptedModel.call("get_weather", "{\"city\": \"Oslo\", \"days\": 2}");
        RecordingHandler handler = new RecordingHandler();
        streaming(text).chat(asking("Weather?").toolSpecifications(WEATHER).build(), handler);
        ChatResponse response = handler.response();

        List<ToolExecutionRequest> calls = response.aiMessage().toolExecutionRequests();
        assertThat(calls)
                .extracting(ToolExecutionRequest::arguments)
                .containsExactly("{\"city\": \"Rome\", \"days\": 1}", "{\"city\": \"Oslo\", \"days\": 2}");
        assertThat(handler.calls)
                .extracting(call -> call.toolExecutionRequest())
                .isEqualTo(calls);
        assertThat(handler.calls).extracting(call -> call.index()).containsExactly(0, 1);
        assertThat(String.join("", handler.pieces))
                .isEqualTo(response.aiMessage().text());
        assertThat(response.metadata().finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
    }

    @Test
    void demandedCall_isACallThatFollowsTheSchema() {
        JsonSchema schema = JsonSchema.parse("{\"type\": \"object\", \"properties\": {\"city\": {\"enum\": [\"Rome\","
                + " \"Oslo\"]}, \"days\": {\"type\": \"integer\"}}, \"required\": [\"city\", \"days\"]}");
        int whole = 0;
        for (int seed = 0; seed < 6; seed++) {
            int chosen = seed;
            ChatResponse response = RANDOM.chat(asking("Weather?")
                    .parameters(LemChatRequestParameters.builder()
                            .toolSpecifications(WEATHER)
                            .toolChoice(ToolChoice.REQUIRED)
                            .temperature(1.0)
                            .maxOutputTokens(600)
                            .generationOptions(options -> options.seed(chosen))
                            .chatOptions(
                                    ChatOptions.builder().enableThinking(false).build())
                            .build())
                    .build());
            if (response.metadata().finishReason() == FinishReason.LENGTH) {
                continue;
            }
            whole++;
            ToolExecutionRequest call =
                    response.aiMessage().toolExecutionRequests().getFirst();
            assertThat(call.name()).isEqualTo("get_weather");
            schema.check(call.arguments());
            assertThat(response.metadata().finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
        }
        assertThat(whole).isPositive();
    }

    @Test
    void toolChoiceNone_leavesCallsAsText() {
        String text = ScriptedModel.call("get_weather", "{}");

        AiMessage answer = saying(text)
                .chat(asking("Weather?")
                        .toolSpecifications(WEATHER)
                        .toolChoice(ToolChoice.NONE)
                        .build())
                .aiMessage();

        assertThat(answer.text()).isEqualTo(text);
        assertThat(answer.toolExecutionRequests()).isEmpty();
    }

    @Test
    void ownParameters_areTheBasis_andCommonOnesWin() {
        LemChatRequestParameters own = LemChatRequestParameters.builder()
                .generationOptions(
                        options -> options.seed(7).temperature(1).maxTokens(5).topK(3))
                .chatOptions(ChatOptions.builder().enableThinking(false).build())
                .build();
        List<io.lethean.lem.model.GenerationRequest.Chat> seen = new ArrayList<>();
        Answerer answerer = new Answerer(ScriptedModel.model(), request -> {
            seen.add(request);
            return request;
        });
        ChatModel model = LemChatModel.of(answerer, ScriptedModel.settings(own));

        ChatResponse first = model.chat(asking("Hi").maxOutputTokens(9).build());
        ChatResponse second = model.chat(asking("Hi").maxOutputTokens(9).build());

        assertThat(seen.getFirst().options().sampling().seed()).hasValue(7);
        assertThat(seen.getFirst().options().sampling().topK()).isEqualTo(3);
        assertThat(seen.getFirst().options().maxTokens()).isEqualTo(9);
        assertThat(seen.getFirst().chatOptions().orElseThrow().variables()).isEqualTo(Map.of("enable_thinking", false));
        assertThat(first.aiMessage()).isEqualTo(second.aiMessage());
        assertThat(first.metadata().finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(own.overrideWith(LemChatRequestParameters.EMPTY))
                .isEqualTo(own)
                .isNotEqualTo(LemChatRequestParameters.EMPTY);
        assertThat(LemChatRequestParameters.EMPTY.defaultedBy(own))
                .isEqualTo(own)
                .hasSameHashCodeAs(own);
    }

    @Test
    void unsupportedContent_isRefusedByName() {
        assertUnsupported(
                UserMessage.from(ImageContent.from("https://example.org/cat.png")),
                "does not support non-text content: a message has a part of the type image");
        assertUnsupported(UserMessage.from(AudioContent.from("https://example.org/a.mp3")), "part of the type audio");
        assertUnsupported(CustomMessage.from(Map.of("a", 1)), "type CUSTOM are not supported");
    }

    private static void assertUnsupported(ChatMessage message, String text) {
        assertThatThrownBy(() -> RANDOM.chat(message))
                .isExactlyInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining(text);
    }

    @Test
    void jsonTogetherWithCallableTools_isRefused() {
        ChatRequest request = asking("Weather?")
                .toolSpecifications(WEATHER)
                .responseFormat(ResponseFormat.JSON)
                .build();

        assertThatThrownBy(() -> RANDOM.chat(request))
                .isExactlyInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining("JSON together with tools is not supported");
    }

    @Test
    void otherModelName_isRefused_andTheOwnOneIsTaken() {
        assertThat(RANDOM.chat(asking("Hi")
                                .modelName("random")
                                .maxOutputTokens(1)
                                .build())
                        .metadata()
                        .modelName())
                .isEqualTo("random");
        assertThatThrownBy(() -> RANDOM.chat(asking("Hi").modelName("other").build()))
                .isExactlyInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining("'other' is not supported")
                .hasMessageContaining("'random'");
        assertThatThrownBy(() -> LemStreamingChatModel.builder(ScriptedModel.model())
                        .defaultRequestParameters(LemChatRequestParameters.builder()
                                .modelName("other")
                                .build())
                        .build())
                .isExactlyInstanceOf(UnsupportedFeatureException.class);
    }

    @Test
    void wrongRequests_areInvalidRequests_withLemsSentence() throws Exception {
        assertThatThrownBy(() -> RANDOM.chat(asking("Hi").temperature(-1.0).build()))
                .isExactlyInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("temperature");
        assertThatThrownBy(() -> RANDOM.chat(asking("far ".repeat(9000)).build()))
                .isExactlyInstanceOf(InvalidRequestException.class)
                .hasCauseInstanceOf(ContextOverflowException.class);

        RecordingHandler handler = new RecordingHandler();
        streaming("never").chat("far ".repeat(9000), handler);
        assertThatThrownBy(handler::response).cause().isExactlyInstanceOf(InvalidRequestException.class);
    }

    @Test
    void closedModel_isASentence_alsoForHandlers() throws Exception {
        LemModel model = LemModel.load(
                Path.of("models/lem-nano.gguf"),
                ModelOptions.builder()
                        .device("cpu")
                        .threads(1)
                        .contextTokens(256)
                        .build());
        ChatModel chat = LemChatModel.of(model);
        StreamingChatModel stream = LemStreamingChatModel.of(model);
        model.close();

        assertThatThrownBy(() -> chat.chat("Hi"))
                .isExactlyInstanceOf(LangChain4jException.class)
                .hasMessageContaining("is closed.");
        RecordingHandler handler = new RecordingHandler();
        stream.chat("Hi", handler);
        assertThatThrownBy(handler::response).cause().hasMessageContaining("is closed.");
    }

    @Test
    void tokens_areCountedByTheTokenizer() {
        LemModel model = ScriptedModel.model();
        LemTokenCountEstimator estimator = LemTokenCountEstimator.of(model);
        int hello = model.tokenize("Hello", false, false).size();

        assertThat(estimator.estimateTokenCountInText("Hello")).isEqualTo(hello).isPositive();
        assertThat(estimator.estimateTokenCountInMessage(UserMessage.from("Hello")))
                .isEqualTo(hello);
        assertThat(estimator.estimateTokenCountInMessages(List.of(UserMessage.from("Hello"), AiMessage.from("Hello"))))
                .isEqualTo(2 * hello);
    }
}
