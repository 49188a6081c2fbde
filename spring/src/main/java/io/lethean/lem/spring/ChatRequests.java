package io.lethean.lem.spring;

import io.lethean.lem.ToolCall;
import io.lethean.lem.ToolDefinition;
import io.lethean.lem.model.ChatOptions;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.ToolChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.content.Media;
import org.springframework.ai.tool.ToolCallback;

/** Turns Spring AI's requests into LEM's. What LEM cannot do is refused, never left out. */
final class ChatRequests {

    private ChatRequests() {}

    /**
     * A request for the model.
     *
     * @throws IllegalArgumentException if it has media, a role that is not known, an option out of its range, or an output
     *     schema and tools at once
     */
    static GenerationRequest.Chat of(List<Message> messages, LemChatOptions options) {
        List<io.lethean.lem.Message> turns = new ArrayList<>();
        messages.forEach(message -> add(turns, message));
        ChatOptions chat = chatOptions(options, answersTools(messages));
        return new GenerationRequest.Chat(turns, chat, generationOptions(options, chat));
    }

    private static boolean answersTools(List<Message> messages) {
        return !messages.isEmpty() && messages.getLast() instanceof ToolResponseMessage;
    }

    private static void add(List<io.lethean.lem.Message> turns, Message message) {
        switch (message) {
            case SystemMessage system -> turns.add(io.lethean.lem.Message.system(text(system)));
            case UserMessage user -> {
                refuse(user.getMedia());
                turns.add(io.lethean.lem.Message.user(text(user)));
            }
            case AssistantMessage answer -> {
                refuse(answer.getMedia());
                turns.add(answer(answer));
            }
            case ToolResponseMessage results ->
                results.getResponses()
                        .forEach(result ->
                                turns.add(io.lethean.lem.Message.tool(orEmpty(result.id()), result.responseData())));
            default ->
                throw new IllegalArgumentException(
                        "A message is a " + message.getClass().getName()
                                + ", and LEM reads system, user, assistant and tool messages of Spring AI.");
        }
    }

    private static io.lethean.lem.Message answer(AssistantMessage answer) {
        List<ToolCall> calls = answer.getToolCalls().stream()
                .map(call -> new ToolCall(orEmpty(call.id()), call.name(), call.arguments()))
                .toList();
        io.lethean.lem.Message turn = io.lethean.lem.Message.assistant(text(answer), calls);
        return answer.getMetadata().get(LemChatModel.THINKING) instanceof String thinking
                ? turn.withThinking(thinking)
                : turn;
    }

    private static void refuse(List<Media> media) {
        if (!media.isEmpty()) {
            throw new IllegalArgumentException(
                    "A message has media of the type " + media.getFirst().getMimeType()
                            + ", and LEM reads text only. Leave the media out of the message.");
        }
    }

    private static String text(Message message) {
        return orEmpty(message.getText());
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static ChatOptions chatOptions(LemChatOptions options, boolean answersTools) {
        ChatOptions.Builder builder = ChatOptions.builder();
        List<ToolCallback> tools = options.getToolCallbacks();
        if (tools != null) {
            builder.tools(tools.stream().map(ChatRequests::tool).toList());
        }
        ToolChoice choice = options.getToolChoice();
        if (choice != null) {
            // Otherwise the loop of calls and results would not end.
            builder.toolChoice(choice.demandsCall() && answersTools ? ToolChoice.AUTO : choice);
        }
        set(options.getParallelToolCalls(), builder::parallelToolCalls);
        set(options.getToolCallFormat(), builder::toolCallFormat);
        set(options.getDocuments(), builder::documents);
        Map<String, @Nullable Object> variables = options.getTemplateVariables();
        if (variables != null) {
            variables.forEach(builder::variable);
        }
        set(options.getEnableThinking(), builder::enableThinking);
        return builder.build();
    }

    private static ToolDefinition tool(ToolCallback callback) {
        org.springframework.ai.tool.definition.ToolDefinition tool = callback.getToolDefinition();
        return new ToolDefinition(tool.name(), tool.description(), tool.inputSchema());
    }

    private static GenerationOptions generationOptions(LemChatOptions options, ChatOptions chat) {
        GenerationOptions.Builder builder = GenerationOptions.builder();
        set(options.getMaxTokens(), builder::maxTokens);
        set(options.getTemperature(), builder::temperature);
        set(options.getTopK(), builder::topK);
        set(options.getTopP(), builder::topP);
        set(options.getFrequencyPenalty(), builder::frequencyPenalty);
        set(options.getPresencePenalty(), builder::presencePenalty);
        set(options.getStopSequences(), builder::stop);
        set(options.getSeed(), builder::seed);
        set(options.getMinP(), builder::minP);
        set(options.getTypicalP(), builder::typicalP);
        set(options.getRepeatPenalty(), builder::repeatPenalty);
        set(options.getRepeatLastN(), builder::repeatLastN);
        set(options.getLogitBias(), builder::logitBias);
        set(options.getLogprobs(), builder::logprobs);
        set(options.getTimeLimit(), builder::timeLimit);
        set(options.getPromptLookup(), builder::promptLookup);
        set(options.getAdapters(), builder::adapters);
        set(options.getGrammar(), builder::grammar);
        String schema = options.getOutputSchema();
        if (schema != null) {
            hold(schema, chat, builder);
        }
        return builder.build();
    }

    /** Holds the answer to a schema, which would leave no way to call a tool. */
    private static void hold(String schema, ChatOptions chat, GenerationOptions.Builder builder) {
        if (!chat.tools().isEmpty() && !chat.toolChoice().equals(ToolChoice.NONE)) {
            throw new IllegalArgumentException(
                    "The request has an output schema and tools, and an answer that is held to the"
                            + " schema cannot call a tool. Ask without useProviderStructuredOutput(), without tools, or with the"
                            + " tool choice NONE.");
        }
        builder.jsonSchema(schema);
    }

    private static <T> void set(@Nullable T value, Consumer<T> setter) {
        if (value != null) {
            setter.accept(value);
        }
    }
}
