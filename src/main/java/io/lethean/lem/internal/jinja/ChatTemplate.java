package io.lethean.lem.internal.jinja;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import io.lethean.lem.ToolDefinition;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns conversations into the text that a model was trained on, by the template inside its file.
 *
 * <p>The template sees what transformers gives it: {@code messages} (each with {@code role} and {@code content}), the
 * {@link SpecialTokens} that the model has, {@code add_generation_prompt}, {@code tools} and {@code documents} (null if the
 * caller gives no tools or documents), and the caller's variables. Switches for thinking that the caller does not set are undefined, so
 * each template's own default holds. The text has special tokens by name, the first token of a text mostly included; who
 * tokenizes it must read them as tokens and add no second one.
 *
 * <p>No turn is lost without a word. Each turn with more than whitespace must show in the text, with its calls of tools, and so
 * must each tool and document; or the conversation is given to the template in another {@link ChatForm form}, or it is
 * refused. Whether they show depends on the shape of the conversation (roles, and which turns are empty), so it is found
 * out once per shape. To a template that does not know tools they are given as {@link PlainTools words}.
 *
 * <p>Immutable to its callers, so any thread may use it.
 */
public final class ChatTemplate {

    private static final String BLANK_LINE = "\n\n";

    private static final TemplateVariables TOOL_PROBE = new TemplateVariables(
            List.of(TemplateVariables.tool(new ToolDefinition("probe", "A probe."))), List.of(), Map.of());
    private static final List<List<Message>> TOOL_PROBES =
            List.of(List.of(Message.user("x")), List.of(Message.system("x"), Message.user("x")));

    private final @Nullable Template template;
    private final SpecialTokens tokens;
    private final Limits limits;
    private final Clock clock;
    private final TurnGuard guard;
    private final String origin;
    private volatile @Nullable Boolean takesTools;

    private ChatTemplate(@Nullable Template template, String origin, SpecialTokens tokens, Limits limits, Clock clock) {
        this.template = template;
        this.tokens = tokens;
        this.limits = limits;
        this.clock = clock;
        this.origin = origin;
        this.guard = new TurnGuard(this::renderTurns, origin);
    }

    /**
     * A rendered conversation.
     *
     * @param text the prompt, or the training text
     * @param systemFolded whether system turns had to become part of user turns
     */
    public record Rendered(String text, boolean systemFolded) {}

    /**
     * Reads a model's template.
     *
     * @param source the template, or empty for a model without one, which takes the plain form: contents joined by a
     *     blank line, the end-of-sequence token after each assistant turn, and a blank line as generation prompt
     * @param origin the file that the template is in, for messages
     * @param tokens the special tokens of the model
     * @throws ChatTemplateException if the source is not a template, or exceeds {@link Limits#defaults()}
     */
    public static ChatTemplate of(Optional<String> source, String origin, SpecialTokens tokens) {
        return of(source, origin, tokens, Limits.defaults(), Clock.systemDefaultZone());
    }

    static ChatTemplate of(Optional<String> source, String origin, SpecialTokens tokens, Limits limits, Clock clock) {
        Template template = source.map(text -> Template.parse(text, limits)).orElse(null);
        return new ChatTemplate(template, origin, tokens, limits, clock);
    }

    /** Whether the model brings no template, so that the plain form is used. */
    public boolean isPlain() {
        return template == null;
    }

    /**
     * Renders a conversation.
     *
     * <p>A template that does not show a turn with its content as text gets the content of some or all roles as a list
     * of text parts. If that does not help, or the template raises an exception, each system turn goes to the head of the
     * next user turn, a blank line between them. Reasoning inside an assistant turn may be left out; the rest may not.
     *
     * @param addGenerationPrompt whether the text ends where the model's answer begins
     * @throws ChatTemplateException if the template refuses the conversation or loses a turn, tool or document in every
     *     form, or exceeds a limit
     * @throws IllegalArgumentException if there are no messages
     */
    public Rendered render(List<Message> messages, TemplateVariables variables, boolean addGenerationPrompt) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("A conversation without messages cannot be rendered; add a user turn.");
        }
        boolean withTools = !variables.tools().isEmpty() || messages.stream().anyMatch(Message::concernsTools);
        if (withTools && !takesTools()) {
            List<Message> words = PlainTools.words(messages, variables.tools());
            return renderTaken(new ChatInput(words, variables.withoutTools(), addGenerationPrompt));
        }
        return renderTaken(new ChatInput(messages, variables, addGenerationPrompt));
    }

    /** Renders a conversation without tools, documents and variables. */
    public Rendered render(List<Message> messages, boolean addGenerationPrompt) {
        return render(messages, TemplateVariables.NONE, addGenerationPrompt);
    }

    private Rendered renderTaken(ChatInput input) {
        return template == null ? new Rendered(plain(input), false) : guard.render(input);
    }

    /** Whether the template shows the tools that it is given; found out by giving it one. */
    public boolean takesTools() {
        Boolean known = takesTools;
        if (known == null) {
            known = template != null && TOOL_PROBES.stream().anyMatch(this::showsTool);
            takesTools = known;
        }
        return known;
    }

    private boolean showsTool(List<Message> messages) {
        ChatInput probe = new ChatInput(messages, TOOL_PROBE, true).marked();
        for (ChatForm form : ChatForm.candidates(messages)) {
            try {
                String text = renderTurns(form.turns(probe.messages()), probe.variables(), true);
                if (TurnMarks.missing(TOOL_PROBE, text).isEmpty()) {
                    return true;
                }
            } catch (TemplateError cannot) {
                // Another form may do.
            }
        }
        return false;
    }

    /** A template made for tools alone may fail without a list of them; as undefined ones it reads an empty list. */
    private String renderTurns(
            List<Map<String, @Nullable Object>> turns, TemplateVariables variables, boolean addGenerationPrompt) {
        Template source = Objects.requireNonNull(template);
        Map<String, @Nullable Object> context = new HashMap<>(tokens.texts());
        variables.putInto(context);
        context.put("messages", turns);
        context.put("add_generation_prompt", addGenerationPrompt);
        try {
            return source.tryRender(context, limits, clock);
        } catch (TemplateError e) {
            if (e.kind() != TemplateError.Kind.FAILED || !variables.tools().isEmpty()) {
                throw e;
            }
            context.remove("tools");
            if (variables.documents().isEmpty()) {
                context.remove("documents");
            }
            try {
                return source.tryRender(context, limits, clock);
            } catch (TemplateError again) {
                throw e;
            }
        }
    }

    private String plain(ChatInput input) {
        if (!input.variables().documents().isEmpty()) {
            throw new ChatTemplateException("The model of " + origin
                    + " has no chat template, so it cannot be given documents. Put their texts into a message.");
        }
        String text = input.messages().stream()
                .map(message -> message.role().equals("assistant")
                        ? message.content() + tokens.endOfSequence()
                        : message.content())
                .collect(Collectors.joining(BLANK_LINE));
        return input.addGenerationPrompt() ? text + BLANK_LINE : text;
    }
}
