package io.lethean.lem.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.Result;
import io.lethean.lem.internal.schema.JsonSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tools and objects by a real model, which grammars hold to the form: SmolLM2-135M was not trained for tools, and its template does not
 * know them.
 */
@Tag("real")
class LemToolsIT {

    private static final ToolSpecification WEATHER = ToolSpecification.builder()
            .name("getWeather")
            .description("Says the weather of a city.")
            .parameters(JsonObjectSchema.builder()
                    .addStringProperty("city")
                    .required("city")
                    .build())
            .build();

    private static final ToolSpecification TIME = ToolSpecification.builder()
            .name("getTime")
            .description("Says the time of a country.")
            .parameters(JsonObjectSchema.builder()
                    .addStringProperty("country")
                    .required("country")
                    .build())
            .build();

    private static final ChatModel MODEL = LemChatModel.of(RealModel.smollm2());

    private static ChatRequest demanding(ToolSpecification... tools) {
        return ChatRequest.builder()
                .messages(UserMessage.from("What is the weather in Munich?"))
                .toolSpecifications(tools)
                .toolChoice(ToolChoice.REQUIRED)
                .build();
    }

    static Stream<ChatRequest> demands() {
        return Stream.of(demanding(WEATHER), demanding(TIME), demanding(WEATHER, TIME));
    }

    @ParameterizedTest
    @MethodSource("demands")
    void demandedCall_isReadAndFollowsTheSchema_byBothModels(ChatRequest request) throws Exception {
        ChatResponse response = MODEL.chat(request);
        RecordingHandler handler = new RecordingHandler();
        LemStreamingChatModel.of(RealModel.smollm2()).chat(request, handler);

        assertThat(response.aiMessage().text()).isNull();
        assertThat(response.aiMessage().toolExecutionRequests()).hasSize(1);
        ToolExecutionRequest call = response.aiMessage().toolExecutionRequests().getFirst();
        assertThat(request.toolSpecifications())
                .extracting(ToolSpecification::name)
                .contains(call.name());
        String member = call.name().equals("getTime") ? "country" : "city";
        JsonSchema.parse("{\"type\": \"object\", \"properties\": {\"" + member
                        + "\": {\"type\": \"string\"}}, \"required\": [\"" + member + "\"]}")
                .check(call.arguments());
        assertThat(response.metadata().finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
        assertThat(handler.response().aiMessage()).isEqualTo(response.aiMessage());
        assertThat(handler.calls).hasSize(1);
        assertThat(handler.pieces).isEmpty();
    }

    static final class Notes {

        final List<String> kept = new ArrayList<>();

        @Tool("Keeps a note.")
        String keep(String note) {
            kept.add(note);
            return "kept";
        }
    }

    interface Secretary {
        Result<String> tell(String text);
    }

    @Test
    void aiService_runsTheDemandedTool() {
        Notes notes = new Notes();
        Secretary secretary = AiServices.builder(Secretary.class)
                .chatModel(MODEL)
                .tools(notes)
                // The call is demanded of the first answer; the second one is words.
                .chatRequestTransformer(request -> request.messages().getLast() instanceof ToolExecutionResultMessage
                        ? request
                        : request.toBuilder().toolChoice(ToolChoice.REQUIRED).build())
                .build();

        var result = secretary.tell("Keep this note: milk and bread.");

        assertThat(notes.kept).isNotEmpty();
        assertThat(result.toolExecutions().getFirst().request().name()).isEqualTo("keep");
    }

    enum Mood {
        GLAD,
        SAD
    }

    record Person(
            @JsonProperty(required = true) String name,
            @JsonProperty(required = true) int age) {}

    interface Extractor {
        Person person(String text);

        Mood mood(String text);

        boolean isQuestion(String text);
    }

    @Test
    void aiService_getsObjectsAndValues() {
        Extractor extractor = AiServices.create(Extractor.class, MODEL);

        Person person = extractor.person("Klaus is 37 years old.");
        assertThat(person.name()).isEqualTo("Klaus");
        assertThat(person.age()).isEqualTo(37);
        assertThat(extractor.mood("What a wonderful day!")).isIn((Object[]) Mood.values());
        assertThat(extractor.isQuestion("Is it raining?")).isIn(true, false);
    }
}
