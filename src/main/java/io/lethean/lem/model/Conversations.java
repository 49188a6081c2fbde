package io.lethean.lem.model;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import io.lethean.lem.ToolCallFormat;
import io.lethean.lem.ToolDefinition;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.io.Json;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.jinja.ChatTemplate;
import io.lethean.lem.internal.jinja.SpecialTokens;
import io.lethean.lem.internal.jinja.TemplateVariables;
import io.lethean.lem.internal.llama.Piece;
import io.lethean.lem.internal.llama.Vocabulary;
import io.lethean.lem.internal.tools.AnswerStyle;
import io.lethean.lem.internal.tools.CallGrammar;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;

/**
 * Conversations to tokens by a model's chat template.
 *
 * <p>The rendered text is tokenized as one, as published tools do, and control tokens in it take effect. If a string of
 * the caller spells a control token, such as {@code <|im_end|>}, it would forge a turn: a message, the result, the
 * description or an argument of a tool, a document, a variable. Then the text is tokenized in pieces, and these spellings
 * are ordinary text; a tokenizer that puts a space before words may put one before such a piece.
 */
final class Conversations {

    private static final String TOOL_TEMPLATE = "tokenizer.chat_template.tool_use";

    private final Vocabulary vocabulary;
    private final PromptEncoder encoder;
    private final ControlSpellings controls;
    private final ChatTemplate template;

    /** Files may bring a template of its own for conversations with tools. */
    private final Lazy<ChatTemplate> toolTemplate;

    private final Lazy<AnswerStyle> style;
    private final Lazy<AnswerStyle> toolStyle;
    private final String origin;

    /**
     * @param source the template; empty for the plain form
     * @param file the model, for the names of its special tokens and for messages
     * @throws io.lethean.lem.ChatTemplateException if the source is not a template
     */
    Conversations(Vocabulary vocabulary, Optional<String> source, GgufFile file) {
        this.vocabulary = vocabulary;
        this.encoder = new PromptEncoder(vocabulary);
        this.controls = new ControlSpellings(vocabulary);
        SpecialTokens tokens = TemplateTokens.of(vocabulary, file.metadata());
        this.origin = file.path().toString();
        this.template = ChatTemplate.of(source, origin, tokens);
        Optional<String> withTools = file.metadata().text(TOOL_TEMPLATE);
        this.toolTemplate =
                new Lazy<>(() -> withTools.isEmpty() ? template : ChatTemplate.of(withTools, origin, tokens));
        this.style = new Lazy<>(() -> AnswerStyle.of(source.orElse(""), template.takesTools()));
        this.toolStyle = new Lazy<>(() -> AnswerStyle.of(
                withTools.or(() -> source).orElse(""), toolTemplate.get().takesTools()));
    }

    /** The text of a conversation without tools, documents and variables. */
    String render(List<Message> messages, boolean addGenerationPrompt) {
        return render(messages, TemplateVariables.NONE, addGenerationPrompt);
    }

    String render(List<Message> messages, TemplateVariables variables, boolean addGenerationPrompt) {
        ChatTemplate chosen = variables.tools().isEmpty() ? template : toolTemplate.get();
        return chosen.render(messages, variables, addGenerationPrompt).text();
    }

    /** The prompt that asks for the next turn. */
    int[] tokens(List<Message> messages) {
        return tokens(messages, TemplateVariables.NONE, true);
    }

    /** A conversation as tokens, with or without what comes before an answer. */
    int[] tokens(List<Message> messages, boolean addGenerationPrompt) {
        return tokens(messages, TemplateVariables.NONE, addGenerationPrompt);
    }

    /** The prompt of a request. */
    int[] tokens(GenerationRequest.Chat chat) {
        return tokens(chat.messages(), options(chat).templateVariables(), true);
    }

    private static ChatOptions options(GenerationRequest.Chat chat) {
        return chat.chatOptions().orElse(ChatOptions.defaults());
    }

    /** How a request is answered: the markers that its text shows, and the grammar of a call that it demands. */
    EncodedRequest answering(int index, int[] prompt, GenerationRequest.Chat chat) {
        if (chat.chatOptions().isEmpty()) {
            return new EncodedRequest(index, prompt, chat.options(), false);
        }
        ChatOptions options = chat.chatOptions().get();
        AnswerStyle style = style(options);
        GenerationOptions generation =
                options.toolChoice().demandsCall() ? demanding(style, chat, options) : chat.options();
        return new EncodedRequest(index, prompt, generation, false, shown(style), null);
    }

    private GenerationOptions demanding(AnswerStyle style, GenerationRequest.Chat chat, ChatOptions options) {
        if (chat.options().grammar().isPresent() || chat.options().jsonSchema().isPresent()) {
            throw new IllegalArgumentException(
                    "A call of a tool is demanded and a grammar or JSON Schema is set; choose one.");
        }
        Optional<String> named = options.toolChoice().tool();
        List<ToolDefinition> callable = options.tools().stream()
                .filter(tool -> named.isEmpty() || named.get().equals(tool.name()))
                .toList();
        String text = render(chat.messages(), options.templateVariables(), true);
        String grammar = CallGrammar.of(style, callable, options.parallelToolCalls(), text);
        return chat.options().toBuilder().grammar(grammar).build();
    }

    private Map<Integer, Piece> shown(AnswerStyle style) {
        Map<Integer, Piece> shown = new HashMap<>();
        for (String marker : style.markers()) {
            int[] tokens = vocabulary.tokenize(marker, false, true);
            if (tokens.length == 1 && vocabulary.piece(tokens[0]).special()) {
                shown.put(tokens[0], Piece.of(marker.getBytes(StandardCharsets.UTF_8), false, false));
            }
        }
        return shown;
    }

    /** What reads the answers to a request. */
    AnswerParser parser(GenerationRequest.Chat chat) {
        ChatOptions options = options(chat);
        String text = render(chat.messages(), options.templateVariables(), true);
        boolean readCalls = !options.tools().isEmpty() && options.toolChoice().mode() != ToolChoice.Mode.NONE;
        return new AnswerParser(style(options).reader(options.tools(), readCalls, text), text);
    }

    /** @throws ChatTemplateException if calls are to be read and the template teaches a form that is not known */
    private AnswerStyle style(ChatOptions options) {
        AnswerStyle found = options.tools().isEmpty() ? style.get() : toolStyle.get();
        AnswerStyle chosen = options.toolCallFormat().map(found::withFormat).orElse(found);
        boolean reads = !options.tools().isEmpty() && options.toolChoice().mode() != ToolChoice.Mode.NONE;
        if (reads && chosen.format().isEmpty()) {
            throw new ChatTemplateException("The chat template of " + origin
                    + " teaches a form of tool calls that is not known. Known are "
                    + Arrays.stream(ToolCallFormat.values()).map(Enum::name).collect(Collectors.joining(", "))
                    + ". Name one with ChatOptions.toolCallFormat, or use ToolChoice.NONE to get calls as text.");
        }
        return chosen;
    }

    /** A conversation as tokens, with tools, documents and variables. */
    int[] tokens(List<Message> messages, TemplateVariables variables, boolean addGenerationPrompt) {
        List<String> given = strings(messages, variables);
        if (!controls.isSpelledIn(String.join("\n", given))) {
            return encoder.rendered(render(messages, variables, addGenerationPrompt));
        }
        String stem = "Q5jForged";
        while (String.join("\n", given).contains(stem)) {
            stem += "Q";
        }
        ControlSpellings.Marks marks = controls.new Marks(stem);
        // Arguments in one spelling, so that both renderings write them alike.
        List<Message> alike = mapped(messages, UnaryOperator.identity());
        String text = render(alike, variables, addGenerationPrompt);
        String withMarks = render(mapped(messages, marks::put), variables.map(marks::put), addGenerationPrompt);
        Optional<List<TextSpan>> spans = marks.cut(text, withMarks);
        if (spans.isPresent()) {
            return encoder.spans(spans.get());
        }
        int[] whole = encoder.rendered(text);
        if (Arrays.equals(controlTokens(whole), controlTokens(encoder.rendered(withMarks)))) {
            return whole;
        }
        throw new ChatTemplateException("The conversation spells the control token "
                + given.stream()
                        .flatMap(each -> controls.firstIn(each).stream())
                        .findFirst()
                        .orElse("of the model")
                + ", and the chat template changes the text in which it stands, so that it cannot be told from the"
                + " template's own. Write it in another way, or leave it out.");
    }

    private int[] controlTokens(int[] tokens) {
        return Arrays.stream(tokens)
                .filter(token -> vocabulary.piece(token).special())
                .toArray();
    }

    /** A part of a rendered text: the template's own words and what it was given, or a spelling that was given to it. */
    record TextSpan(String text, boolean ofMessage) {}

    /** All that a caller gives to the template. */
    private static List<String> strings(List<Message> messages, TemplateVariables variables) {
        List<String> strings = new ArrayList<>();
        UnaryOperator<String> collect = text -> {
            strings.add(text);
            return text;
        };
        mapped(messages, collect);
        variables.map(collect);
        return strings;
    }

    private static List<Message> mapped(List<Message> messages, UnaryOperator<String> change) {
        return messages.stream()
                .map(message -> new Message(
                        message.role(),
                        change.apply(message.content()),
                        message.thinking().map(change),
                        message.toolCalls().stream()
                                .map(call -> mapped(call, change))
                                .toList(),
                        message.toolCallId().map(change)))
                .toList();
    }

    private static ToolCall mapped(ToolCall call, UnaryOperator<String> change) {
        return new ToolCall(
                change.apply(call.id()), change.apply(call.name()), mappedArguments(call.arguments(), change));
    }

    /** Strings of JSON are changed as they read, however they are escaped. */
    private static String mappedArguments(String arguments, UnaryOperator<String> change) {
        try {
            if (Json.parse(arguments) instanceof Map<?, ?> members) {
                return PythonJson.readable(TemplateVariables.mapped(members, change));
            }
        } catch (JacksonException malformed) {
            // Shown as it is.
        }
        return change.apply(arguments);
    }
}
