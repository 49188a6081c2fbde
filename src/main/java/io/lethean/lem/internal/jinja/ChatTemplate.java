package io.lethean.lem.internal.jinja;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns conversations into the text that a model was trained on, by the template inside its file.
 *
 * <p>The template sees what transformers gives it: {@code messages} (each with {@code role} and {@code content}), the
 * {@link SpecialTokens} that the model has, {@code add_generation_prompt}, and {@code tools} and {@code documents}, which
 * are always none. Switches for thinking are undefined, so each template's own default holds. The text has special
 * tokens by name, the first token of a text mostly included; who tokenizes it must read them as tokens and add no
 * second one.
 *
 * <p>No turn is lost without a word. Each turn that is not blank must show in the text, or the conversation is given to
 * the template in another {@link ChatForm form}, or it is refused. Whether the turns show depends on the shape of the
 * conversation (roles, and which turns are blank), so it is found out once per shape.
 *
 * <p>Immutable to its callers, so any thread may use it.
 */
public final class ChatTemplate {

    private static final String BLANK_LINE = "\n\n";

    private final @Nullable Template template;
    private final SpecialTokens tokens;
    private final Limits limits;
    private final Clock clock;
    private final TurnGuard guard;

    private ChatTemplate(@Nullable Template template, String origin, SpecialTokens tokens, Limits limits, Clock clock) {
        this.template = template;
        this.tokens = tokens;
        this.limits = limits;
        this.clock = clock;
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
     * @throws ChatTemplateException if the template refuses the conversation or loses a turn in every form, or exceeds a
     *     limit
     * @throws IllegalArgumentException if there are no messages
     */
    public Rendered render(List<Message> messages, boolean addGenerationPrompt) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("A conversation without messages cannot be rendered; add a user turn.");
        }
        return template == null
                ? new Rendered(plain(messages, addGenerationPrompt), false)
                : guard.render(messages, addGenerationPrompt);
    }

    /** A template made for tools alone may fail without a list of them; as undefined ones it reads an empty list. */
    private String renderTurns(List<Map<String, Object>> turns, boolean addGenerationPrompt) {
        Template source = Objects.requireNonNull(template);
        Map<String, @Nullable Object> context = new HashMap<>(tokens.texts());
        context.put("messages", turns);
        context.put("add_generation_prompt", addGenerationPrompt);
        context.put("tools", null);
        context.put("documents", null);
        try {
            return source.tryRender(context, limits, clock);
        } catch (TemplateError e) {
            if (e.kind() != TemplateError.Kind.FAILED) {
                throw e;
            }
            context.keySet().removeAll(Set.of("tools", "documents"));
            try {
                return source.tryRender(context, limits, clock);
            } catch (TemplateError again) {
                throw e;
            }
        }
    }

    private String plain(List<Message> messages, boolean addGenerationPrompt) {
        String text = messages.stream()
                .map(message -> message.role().equals("assistant")
                        ? message.content() + tokens.endOfSequence()
                        : message.content())
                .collect(Collectors.joining(BLANK_LINE));
        return addGenerationPrompt ? text + BLANK_LINE : text;
    }
}
