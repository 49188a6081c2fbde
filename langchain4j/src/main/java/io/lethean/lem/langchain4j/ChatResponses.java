package io.lethean.lem.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.lethean.lem.ToolCall;
import io.lethean.lem.model.ChatAnswer;
import io.lethean.lem.model.Generation;
import java.util.UUID;

/** Turns LEM's answers into LangChain4j's. */
final class ChatResponses {

    private ChatResponses() {}

    static ChatResponse of(ChatAnswer answer, String modelName) {
        AiMessage.Builder message = AiMessage.builder();
        boolean calls = !answer.toolCalls().isEmpty();
        // In LangChain4j an answer of calls only has no text, not an empty one.
        if (!calls || !answer.content().isEmpty()) {
            message.text(answer.content());
        }
        answer.thinking().ifPresent(message::thinking);
        message.toolExecutionRequests(answer.toolCalls().stream()
                .map(ChatResponses::toolExecutionRequest)
                .toList());
        Generation generation = answer.generation();
        return ChatResponse.builder()
                .aiMessage(message.build())
                .metadata(ChatResponseMetadata.builder()
                        .id("lem-" + UUID.randomUUID())
                        .modelName(modelName)
                        .tokenUsage(new TokenUsage(generation.promptTokens(), generation.generatedTokens()))
                        .finishReason(reason(generation, calls))
                        .build())
                .build();
    }

    static ToolExecutionRequest toolExecutionRequest(ToolCall call) {
        return ToolExecutionRequest.builder()
                .id(call.id())
                .name(call.name())
                .arguments(call.arguments())
                .build();
    }

    private static FinishReason reason(Generation generation, boolean calls) {
        if (generation.finishReason().isLimit()) {
            return FinishReason.LENGTH;
        }
        if (calls) {
            return FinishReason.TOOL_EXECUTION;
        }
        return switch (generation.finishReason()) {
            case END_OF_TURN, STOP_SEQUENCE -> FinishReason.STOP;
            case LENGTH, CONTEXT_FULL, TIME_LIMIT -> FinishReason.LENGTH;
            case CANCELLED -> FinishReason.OTHER;
        };
    }
}
