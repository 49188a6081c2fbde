package io.lethean.lem.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.Json;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import io.lethean.lem.ToolDefinition;
import io.lethean.lem.model.ChatOptions;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.ToolChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Turns LangChain4j's requests into LEM's. What LEM cannot do is refused, never left out. */
final class ChatRequests {

    private static final String ANY_OBJECT = "{\"type\": \"object\"}";

    private ChatRequests() {}

    /**
     * A request for the model.
     *
     * @param modelName the name that a request may give
     * @throws UnsupportedFeatureException if it asks for another model, an image, or JSON and tools at once
     */
    static GenerationRequest.Chat of(ChatRequest request, String modelName) {
        ChatRequestParameters given = request.parameters();
        requireName(given, modelName);
        List<Message> messages = messages(request.messages());
        ChatOptions chat = chatOptions(given);
        return new GenerationRequest.Chat(messages, Optional.of(chat), options(given, chat));
    }

    /** @throws UnsupportedFeatureException if the parameters name another model than this */
    static void requireName(ChatRequestParameters given, String modelName) {
        if (given.modelName() != null && !given.modelName().equals(modelName)) {
            throw new UnsupportedFeatureException("The modelName '" + given.modelName()
                    + "' is not supported: this chat model has one model, '" + modelName
                    + "'. Leave modelName out, or make a chat model of the other model, too.");
        }
    }

    static List<Message> messages(Iterable<? extends ChatMessage> messages) {
        List<Message> turns = new ArrayList<>();
        messages.forEach(message -> turns.add(message(message)));
        return turns;
    }

    private static Message message(ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> Message.system(system.text());
            case UserMessage user -> Message.user(text(user.contents()));
            case AiMessage answer -> answer(answer);
            case ToolExecutionResultMessage result -> Message.tool(result.id(), text(result.contents()));
            default ->
                throw new UnsupportedFeatureException("Messages of the type " + message.type()
                        + " are not supported by LEM; use system, user, ai and tool messages.");
        };
    }

    private static Message answer(AiMessage answer) {
        List<ToolCall> calls = answer.toolExecutionRequests().stream()
                .map(call -> new ToolCall(
                        orEmpty(call.id()), call.name(), call.arguments() == null ? "{}" : call.arguments()))
                .toList();
        Message message = Message.assistant(orEmpty(answer.text()), calls);
        return answer.thinking() == null ? message : message.withThinking(answer.thinking());
    }

    private static String text(List<Content> contents) {
        StringBuilder text = new StringBuilder();
        for (Content content : contents) {
            if (!(content instanceof TextContent part)) {
                throw new UnsupportedFeatureException(
                        "LEM does not support non-text content: a message has a part of the type "
                                + content.type().name().toLowerCase(Locale.ROOT) + ". Leave it out.");
            }
            text.append(text.isEmpty() ? "" : "\n").append(part.text());
        }
        return text.toString();
    }

    private static ChatOptions chatOptions(ChatRequestParameters given) {
        ChatOptions from = given instanceof LemChatRequestParameters lem && lem.chatOptions() != null
                ? lem.chatOptions()
                : ChatOptions.defaults();
        ChatOptions.Builder builder = from.toBuilder();
        if (!given.toolSpecifications().isEmpty()) {
            builder.tools(
                    given.toolSpecifications().stream().map(ChatRequests::tool).toList());
        }
        if (given.toolChoice() != null) {
            builder.toolChoice(
                    switch (given.toolChoice()) {
                        case AUTO -> ToolChoice.AUTO;
                        case REQUIRED -> ToolChoice.REQUIRED;
                        case NONE -> ToolChoice.NONE;
                    });
        }
        return builder.build();
    }

    private static ToolDefinition tool(ToolSpecification tool) {
        return tool.parameters() == null
                ? new ToolDefinition(tool.name(), orEmpty(tool.description()))
                : new ToolDefinition(
                        tool.name(),
                        orEmpty(tool.description()),
                        Json.toJson(JsonSchemaElementUtils.toMap(tool.parameters())));
    }

    private static GenerationOptions options(ChatRequestParameters given, ChatOptions chat) {
        GenerationOptions from = given instanceof LemChatRequestParameters lem && lem.generationOptions() != null
                ? lem.generationOptions()
                : GenerationOptions.defaults();
        GenerationOptions.Builder builder = from.toBuilder();
        set(given.temperature(), builder::temperature);
        set(given.topP(), builder::topP);
        set(given.topK(), builder::topK);
        set(given.frequencyPenalty(), builder::frequencyPenalty);
        set(given.presencePenalty(), builder::presencePenalty);
        set(given.maxOutputTokens(), builder::maxTokens);
        if (!given.stopSequences().isEmpty()) {
            builder.stop(given.stopSequences());
        }
        hold(given.responseFormat(), chat, builder);
        return builder.build();
    }

    private static void hold(@Nullable ResponseFormat format, ChatOptions chat, GenerationOptions.Builder builder) {
        if (format == null || format.type() != ResponseFormatType.JSON) {
            return;
        }
        if (!chat.tools().isEmpty() && !chat.toolChoice().equals(ToolChoice.NONE)) {
            throw new UnsupportedFeatureException(
                    "A responseFormat of JSON together with tools is not supported by LEM: an answer is held to a JSON form, or"
                            + " may call tools. Ask without tools, or with ToolChoice.NONE; for an AI service, build the"
                            + " chat model with supportedCapabilities(Set.of()).");
        }
        JsonSchema schema = format.jsonSchema();
        builder.jsonSchema(
                schema == null ? ANY_OBJECT : Json.toJson(JsonSchemaElementUtils.toMap(schema.rootElement())));
    }

    private static <T> void set(@Nullable T value, Consumer<T> setter) {
        if (value != null) {
            setter.accept(value);
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
