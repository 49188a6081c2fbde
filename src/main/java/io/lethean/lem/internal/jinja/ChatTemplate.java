package io.lethean.lem.internal.jinja;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns conversations into the text that a model was trained on, by the template inside its file.
 *
 * <p>The template sees {@code messages} (each with {@code role} and {@code content}), {@code bos_token},
 * {@code eos_token} and {@code add_generation_prompt}. There are no {@code tools}, {@code documents} or switches for
 * thinking, so each template's own default holds. The text holds special tokens by name, the first token of a text
 * mostly included; who tokenizes it must read them as tokens and add no second one.
 *
 * <p>Immutable, so any thread may use it.
 */
public final class ChatTemplate {

    private static final String SYSTEM = "system";
    private static final String BLANK_LINE = "\n\n";

    private final @Nullable Template template;
    private final String bosToken;
    private final String eosToken;
    private final Limits limits;
    private final Clock clock;

    private ChatTemplate(@Nullable Template template, String bosToken, String eosToken, Limits limits, Clock clock) {
        this.template = template;
        this.bosToken = bosToken;
        this.eosToken = eosToken;
        this.limits = limits;
        this.clock = clock;
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
     * @param bosToken the token that begins a text, as text; empty if the model does not have it
     * @param eosToken the token that ends a text, as text; empty if the model does not have it
     * @throws ChatTemplateException if the source is not a template, or exceeds {@link Limits#defaults()}
     */
    public static ChatTemplate of(Optional<String> source, String bosToken, String eosToken) {
        return of(source, bosToken, eosToken, Limits.defaults(), Clock.systemDefaultZone());
    }

    static ChatTemplate of(Optional<String> source, String bosToken, String eosToken, Limits limits, Clock clock) {
        Template template = source.map(text -> Template.parse(text, limits)).orElse(null);
        return new ChatTemplate(template, bosToken, eosToken, limits, clock);
    }

    /** Whether the model brings no template, so that the plain form is used. */
    public boolean isPlain() {
        return template == null;
    }

    /**
     * Renders a conversation.
     *
     * <p>Where the template raises an exception and the conversation has system turns, or where it leaves one of them
     * out, the conversation is rendered again with each system turn at the head of the next user turn, a blank line
     * between them.
     *
     * @param addGenerationPrompt whether the text must end where the model's answer begins
     * @throws ChatTemplateException if the template refuses the conversation in either form, or exceeds a limit
     * @throws IllegalArgumentException if there are no messages
     */
    public Rendered render(List<Message> messages, boolean addGenerationPrompt) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("A conversation without messages cannot be rendered; add a user turn.");
        }
        if (template == null) {
            return new Rendered(plain(messages, addGenerationPrompt), false);
        }
        @Nullable TemplateError refusal = null;
        try {
            String text = render(template, messages, addGenerationPrompt);
            if (showsSystemTurns(template, messages, addGenerationPrompt)) {
                return new Rendered(text, false);
            }
        } catch (TemplateError e) {
            if (e.kind() == TemplateError.Kind.LIMIT || messages.stream().noneMatch(ChatTemplate::isSystem)) {
                throw e.toPublic();
            }
            refusal = e;
        }
        return new Rendered(renderFolded(template, messages, addGenerationPrompt, refusal), true);
    }

    private String renderFolded(
            Template source, List<Message> messages, boolean addGenerationPrompt, @Nullable TemplateError refusal) {
        try {
            return render(source, folded(messages), addGenerationPrompt);
        } catch (TemplateError e) {
            ChatTemplateException exception = e.toPublic();
            if (refusal != null) {
                exception.addSuppressed(refusal.toPublic());
            }
            throw exception;
        }
    }

    private String render(Template source, List<Message> messages, boolean addGenerationPrompt) {
        List<Map<String, String>> turns =
                messages.stream().map(ChatTemplate::turn).toList();
        return source.tryRender(
                Map.of(
                        "messages", turns,
                        "bos_token", bosToken,
                        "eos_token", eosToken,
                        "add_generation_prompt", addGenerationPrompt),
                limits,
                clock);
    }

    /** A message as templates know it, its members in the usual order, which a template that prints it shows. */
    private static Map<String, String> turn(Message message) {
        Map<String, String> turn = new LinkedHashMap<>();
        turn.put("role", message.role());
        turn.put("content", message.content());
        return turn;
    }

    /**
     * Whether every system turn leaves a trace in the output. Templates may trim, escape or rearrange a content, so
     * each content is replaced by a word, and the output is searched for the word.
     */
    private boolean showsSystemTurns(Template source, List<Message> messages, boolean addGenerationPrompt) {
        List<String> words = new ArrayList<>();
        UnaryOperator<Message> marked = message -> {
            if (!isSystem(message) || message.content().isBlank()) {
                return message;
            }
            words.add("SystemTurn" + words.size() + "Shown");
            return Message.system(words.getLast());
        };
        List<Message> conversation = messages.stream().map(marked).toList();
        return words.isEmpty() || words.stream().allMatch(render(source, conversation, addGenerationPrompt)::contains);
    }

    private static boolean isSystem(Message message) {
        return message.role().equals(SYSTEM);
    }

    /** The conversation without system turns: their contents go before that of the next user turn. */
    private static List<Message> folded(List<Message> messages) {
        List<Message> result = new ArrayList<>();
        List<String> waiting = new ArrayList<>();
        for (Message message : messages) {
            if (isSystem(message)) {
                waiting.add(message.content());
            } else if (message.role().equals("user") && !waiting.isEmpty()) {
                waiting.add(message.content());
                result.add(Message.user(String.join(BLANK_LINE, waiting)));
                waiting.clear();
            } else {
                result.add(message);
            }
        }
        if (!waiting.isEmpty()) {
            result.add(Message.user(String.join(BLANK_LINE, waiting)));
        }
        return result;
    }

    private String plain(List<Message> messages, boolean addGenerationPrompt) {
        String text = messages.stream()
                .map(message -> message.role().equals("assistant") ? message.content() + eosToken : message.content())
                .collect(Collectors.joining(BLANK_LINE));
        return addGenerationPrompt ? text + BLANK_LINE : text;
    }
}
