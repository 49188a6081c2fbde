package io.lethean.lem.spring;

import io.lethean.lem.ToolCall;
import io.lethean.lem.model.AnswerParts;
import io.lethean.lem.model.ChatAnswer;
import io.lethean.lem.model.Generation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;

/** Turns one answer of LEM into Spring AI's responses: a whole one, or its beginnings and its end. */
final class ChatResponses {

    private final String id = "lem-" + UUID.randomUUID();
    private final String model;

    ChatResponses(String model) {
        this.model = model;
    }

    /** The whole answer. */
    ChatResponse whole(ChatAnswer answer) {
        return end(answer, answer.content());
    }

    /** The last response of a stream. What came before has the words; this one has all else. */
    ChatResponse last(ChatAnswer answer) {
        return end(answer, "");
    }

    /** New words and thoughts; empty if there is nothing to tell before the end. */
    Optional<ChatResponse> part(AnswerParts parts) {
        String thinking = parts.thinking().orElse("");
        if (parts.content().isEmpty() && thinking.isEmpty()) {
            return Optional.empty();
        }
        AssistantMessage message = AssistantMessage.builder()
                .content(parts.content())
                .properties(thinking.isEmpty() ? Map.of() : Map.of(LemChatModel.THINKING_DELTA, thinking))
                .build();
        return Optional.of(new ChatResponse(
                List.of(new org.springframework.ai.chat.model.Generation(message)),
                ChatResponseMetadata.builder().id(id).model(model).build()));
    }

    private ChatResponse end(ChatAnswer answer, String content) {
        Map<String, Object> properties = new HashMap<>();
        answer.thinking().ifPresent(thinking -> properties.put(LemChatModel.THINKING, thinking));
        if (!answer.malformedCalls().isEmpty()) {
            properties.put(LemChatModel.MALFORMED_TOOL_CALLS, answer.malformedCalls());
        }
        boolean calls = !answer.toolCalls().isEmpty();
        AssistantMessage message = AssistantMessage.builder()
                .content(calls && content.isBlank() ? "" : content)
                .properties(properties)
                .toolCalls(answer.toolCalls().stream().map(ChatResponses::call).toList())
                .build();
        Generation generation = answer.generation();
        ChatGenerationMetadata.Builder metadata =
                ChatGenerationMetadata.builder().finishReason(reason(generation, calls));
        answer.thinking().ifPresent(thinking -> metadata.metadata(LemChatModel.THINKING, thinking));
        generation.stopSequence().ifPresent(stop -> metadata.metadata(LemChatModel.STOP_SEQUENCE, stop));
        return new ChatResponse(
                List.of(new org.springframework.ai.chat.model.Generation(message, metadata.build())),
                ChatResponseMetadata.builder()
                        .id(id)
                        .model(model)
                        .usage(usage(generation))
                        .keyValue(LemChatModel.GENERATION, generation)
                        .build());
    }

    private static DefaultUsage usage(Generation generation) {
        int prompt = generation.promptTokens();
        int generated = generation.generatedTokens();
        return new DefaultUsage(prompt, generated, prompt + generated, null, (long) generation.reusedTokens(), null);
    }

    private static AssistantMessage.ToolCall call(ToolCall call) {
        return new AssistantMessage.ToolCall(call.id(), "function", call.name(), call.arguments());
    }

    private static String reason(Generation generation, boolean calls) {
        return switch (generation.finishReason()) {
            case LENGTH, CONTEXT_FULL, TIME_LIMIT -> "length";
            case CANCELLED -> "cancelled";
            case END_OF_TURN, STOP_SEQUENCE -> calls ? "tool_calls" : "stop";
        };
    }
}
