package io.lethean.lem.internal.jinja;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import io.lethean.lem.internal.jinja.ChatTemplate.Rendered;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Renders a conversation in the first form in which the template shows every turn.
 *
 * <p>Safe for use by several threads.
 */
final class TurnGuard {

    private static final int REMEMBERED = 256;

    private final Renderer renderer;
    private final String origin;
    private final Map<Shape, Optional<ChatForm>> known = Collections.synchronizedMap(new Remembered());

    /** Renders turns as they are; fails by a {@link TemplateError}. */
    interface Renderer {
        String render(List<Map<String, Object>> turns, boolean addGenerationPrompt);
    }

    /** What decides the form: a conversation with marks in place of contents. */
    private record Shape(List<Message> marked, boolean addGenerationPrompt) {}

    private static final class Remembered extends LinkedHashMap<Shape, Optional<ChatForm>> {
        private static final long serialVersionUID = 1L;

        Remembered() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Shape, Optional<ChatForm>> eldest) {
            return size() > REMEMBERED;
        }
    }

    /**
     * A rendering in one form that failed, or that does not show some turns.
     *
     * @param error why it failed; null if it did not
     * @param missing turns of which nothing is shown
     * @param cut turns of which a part is not shown
     */
    private record Failure(@Nullable TemplateError error, List<Integer> missing, List<Integer> cut) {
        int lost() {
            return missing.size() + cut.size();
        }
    }

    /** @param origin the file that the template is in, for messages */
    TurnGuard(Renderer renderer, String origin) {
        this.renderer = renderer;
        this.origin = origin;
    }

    /**
     * Renders a conversation.
     *
     * @throws ChatTemplateException if no form shows every turn, or a limit is exceeded
     */
    Rendered render(List<Message> messages, boolean addGenerationPrompt) {
        Shape shape = new Shape(TurnMarks.shape(messages), addGenerationPrompt);
        Optional<ChatForm> form = known.get(shape);
        if (form == null) {
            form = find(shape);
            known.put(shape, form);
        }
        if (form.isPresent()) {
            try {
                String text = render(form.get(), messages, addGenerationPrompt);
                if (cut(form.get(), messages, addGenerationPrompt, text).isEmpty()) {
                    return new Rendered(text, form.get().folded());
                }
            } catch (TemplateError e) {
                stopAtLimit(e);
            }
        }
        return search(messages, addGenerationPrompt);
    }

    private String render(ChatForm form, List<Message> messages, boolean addGenerationPrompt) {
        return renderer.render(form.turns(messages), addGenerationPrompt);
    }

    private Optional<ChatForm> find(Shape shape) {
        for (ChatForm form : ChatForm.candidates(shape.marked())) {
            Optional<String> text = shown(form, shape.marked(), shape.addGenerationPrompt());
            if (text.isPresent()
                    && TurnMarks.missing(shape.marked(), form, text.get()).isEmpty()) {
                return Optional.of(form);
            }
        }
        return Optional.empty();
    }

    /** A template may look into contents, so that marks alone do not tell. Then the contents themselves are used. */
    private Rendered search(List<Message> messages, boolean addGenerationPrompt) {
        Map<ChatForm, Failure> failures = new LinkedHashMap<>();
        for (ChatForm form : ChatForm.candidates(messages)) {
            try {
                String text = render(form, messages, addGenerationPrompt);
                List<Integer> missing = missing(form, messages, addGenerationPrompt);
                List<Integer> cut = new ArrayList<>(cut(form, messages, addGenerationPrompt, text));
                cut.removeAll(missing);
                if (missing.isEmpty() && cut.isEmpty()) {
                    return new Rendered(text, form.folded());
                }
                failures.put(form, new Failure(null, missing, cut));
            } catch (TemplateError e) {
                stopAtLimit(e);
                failures.put(form, new Failure(e, List.of(), List.of()));
            }
        }
        throw refusal(messages, failures);
    }

    /** The turns that are not shown even if all the others are as they are. */
    private List<Integer> missing(ChatForm form, List<Message> messages, boolean addGenerationPrompt) {
        List<Message> all = TurnMarks.shape(messages);
        List<Integer> suspects = shown(form, all, addGenerationPrompt)
                .map(text -> TurnMarks.missing(all, form, text))
                .orElseGet(() -> TurnMarks.spoken(messages));
        return suspects.stream()
                .filter(turn -> isMissing(form, messages, addGenerationPrompt, turn))
                .toList();
    }

    /** A template that refuses every mark is judged by the contents alone. */
    private boolean isMissing(ChatForm form, List<Message> messages, boolean addGenerationPrompt, int turn) {
        boolean judged = false;
        for (List<Message> marked : TurnMarks.each(messages, turn)) {
            Optional<String> text = shown(form, marked, addGenerationPrompt);
            if (text.isPresent() && !TurnMarks.missing(marked, form, text.get()).contains(turn)) {
                return false;
            }
            judged |= text.isPresent();
        }
        return judged;
    }

    private Optional<String> shown(ChatForm form, List<Message> marked, boolean addGenerationPrompt) {
        try {
            return Optional.of(render(form, marked, addGenerationPrompt));
        } catch (TemplateError e) {
            stopAtLimit(e);
            return Optional.empty();
        }
    }

    /** The turns of which words are not in the text, not even in another spelling. */
    private List<Integer> cut(ChatForm form, List<Message> messages, boolean addGenerationPrompt, String text) {
        OrderedSearch search = new OrderedSearch(text);
        List<Integer> suspects = TurnMarks.spoken(messages).stream()
                .filter(turn -> !search.has(Reasoning.without(messages.get(turn))))
                .toList();
        if (suspects.isEmpty()) {
            return suspects;
        }
        return shown(form, TurnMarks.around(messages, suspects), addGenerationPrompt)
                .map(marked -> TurnMarks.cut(suspects, marked))
                .orElse(List.of());
    }

    private static void stopAtLimit(TemplateError error) {
        if (error.kind() == TemplateError.Kind.LIMIT) {
            throw error.toPublic();
        }
    }

    /** The template's own refusal of the plain forms, else what the form that loses least loses. */
    private ChatTemplateException refusal(List<Message> messages, Map<ChatForm, Failure> failures) {
        List<Failure> plain = failures.entrySet().stream()
                .filter(entry -> entry.getKey().typedRoles().isEmpty())
                .map(Map.Entry::getValue)
                .toList();
        List<TemplateError> errors = new ArrayList<>();
        plain.forEach(failure -> Optional.ofNullable(failure.error()).ifPresent(errors::add));
        if (errors.size() == plain.size()) {
            ChatTemplateException exception = errors.removeLast().toPublic();
            errors.forEach(error -> exception.addSuppressed(error.toPublic()));
            return exception;
        }
        Failure least = failures.values().stream()
                .filter(failure -> failure.error() == null)
                .min((one, other) -> Integer.compare(one.lost(), other.lost()))
                .orElseThrow();
        ChatTemplateException exception = new ChatTemplateException(sentence(messages, least));
        errors.forEach(error -> exception.addSuppressed(error.toPublic()));
        return exception;
    }

    private String sentence(List<Message> messages, Failure failure) {
        boolean whole = !failure.missing().isEmpty();
        int turn = whole ? failure.missing().getFirst() : failure.cut().getFirst();
        String others = failure.lost() == 1 ? "" : " and " + (failure.lost() - 1) + " more";
        return "The chat template of " + origin + (whole ? " leaves out turn " : " leaves out a part of turn ")
                + (turn + 1) + " (" + messages.get(turn).role() + ")" + others + " of " + messages.size()
                + ", whether the content is given as text or as a list of text parts. The model would not see it. Put a"
                + " template that shows message.content of every turn into the file, or use another model file.";
    }
}
