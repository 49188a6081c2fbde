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

    /** What the prompt of the next turn begins with, whatever that turn says: a question, or the results of calls. */
    int[] nextBeginning(List<Message> messages, TemplateVariables variables) {
        int[] one = tokens(continued(messages, "A"), variables, true);
        int[] other = tokens(continued(messages, "b"), variables, true);
        int end = Arrays.mismatch(one, other);
        return end < 0 ? one : Arrays.copyOf(one, end);
    }

    private static List<Message> continued(List<Message> messages, String text) {
        List<Message> continued = new ArrayList<>(messages);
        List<ToolCall> calls =
                messages.isEmpty() ? List.of() : messages.getLast().toolCalls();
        calls.forEach(call -> continued.add(Message.tool(call.id(), text)));
        if (calls.isEmpty()) {
            continued.add(Message.user(text));
        }
        return continued;
    }

    static ChatOptions options(GenerationRequest.Chat chat) {
        return chat.chatOptions().orElse(ChatOptions.defaults());
    }

    /** Whether calls in an answer are told apart from words. */
    static boolean readsCalls(ChatOptions options) {
        return !options.tools().isEmpty() && options.toolChoice().mode() != ToolChoice.Mode.NONE;
    }

    /** A request with its prompt, the markers that its answer shows, and the grammar of a call that it demands. */
    RenderedChat rendered(GenerationRequest.Chat chat) {
        ChatOptions options = options(chat);
        AnswerStyle style = style(options);
        TemplateVariables variables = options.templateVariables();
        String text = render(chat.messages(), variables, true);
        boolean demanded = options.toolChoice().demandsCall();
        boolean one = readsCalls(options) && options.oneCall();
        String grammar = demanded
                ? demanded(style, options, text)
                : one ? CallGrammar.ofOne(style, text).orElse(null) : null;
        Map<Integer, Piece> shown = chat.chatOptions().isEmpty() ? Map.of() : shown(style);
        return new RenderedChat(
                new RenderedChat.Origin(this, text),
                chat,
                tokens(text, chat.messages(), variables, true),
                new RenderedChat.Form(style, shown, grammar, demanded));
    }

    private static String demanded(AnswerStyle style, ChatOptions options, String text) {
        Optional<String> named = options.toolChoice().tool();
        List<ToolDefinition> callable = options.tools().stream()
                .filter(tool -> named.isEmpty() || named.get().equals(tool.name()))
                .toList();
        return CallGrammar.of(style, callable, options.parallelToolCalls().orElse(false), text);
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

    /** @throws ChatTemplateException if calls are to be read and the template teaches a form that is not known */
    private AnswerStyle style(ChatOptions options) {
        AnswerStyle found = options.tools().isEmpty() ? style.get() : toolStyle.get();
        AnswerStyle chosen = options.toolCallFormat().map(found::withFormat).orElse(found);
        if (readsCalls(options) && chosen.format().isEmpty()) {
            throw new ChatTemplateException("The chat template of " + origin
                    + " teaches a form of tool calls that is not known. Known are "
                    + Arrays.stream(ToolCallFormat.values()).map(Enum::name).collect(Collectors.joining(", "))
                    + ". Name one with ChatOptions.toolCallFormat, or use ToolChoice.NONE to get calls as text.");
        }
        return chosen;
    }

    /** A conversation as tokens, with tools, documents and variables. */
    int[] tokens(List<Message> messages, TemplateVariables variables, boolean addGenerationPrompt) {
        return tokens(render(messages, variables, addGenerationPrompt), messages, variables, addGenerationPrompt);
    }

    /** @param rendered the conversation as text */
    private int[] tokens(
            String rendered, List<Message> messages, TemplateVariables variables, boolean addGenerationPrompt) {
        List<String> given = strings(messages, variables);
        if (!controls.isSpelledIn(String.join("\n", given))) {
            return encoder.rendered(rendered);
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
