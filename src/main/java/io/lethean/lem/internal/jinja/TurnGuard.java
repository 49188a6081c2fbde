package io.lethean.lem.internal.jinja;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import io.lethean.lem.internal.jinja.ChatTemplate.Rendered;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
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
    private final Map<ChatInput, Optional<ChatForm>> known = Collections.synchronizedMap(new Remembered());

    /** Renders turns as they are; fails by a {@link TemplateError}. */
    interface Renderer {
        String render(
                List<Map<String, @Nullable Object>> turns, TemplateVariables variables, boolean addGenerationPrompt);
    }

    /** The forms by what decides them: conversations with marks in place of contents. */
    private static final class Remembered extends LinkedHashMap<ChatInput, Optional<ChatForm>> {
        private static final long serialVersionUID = 1L;

        Remembered() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<ChatInput, Optional<ChatForm>> eldest) {
            return size() > REMEMBERED;
        }
    }

    /**
     * A rendering in one form that failed, or that does not show some turns.
     *
     * @param error why it failed; null if it did not
     * @param missing turns of which nothing is shown
     * @param cut turns of which a part is not shown
     * @param variable a tool or document that is not shown
     */
    private record Failure(
            @Nullable TemplateError error, List<Integer> missing, List<Integer> cut, Optional<String> variable) {
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
     * @throws ChatTemplateException if no form shows every turn, tool and document, or a limit is exceeded
     */
    Rendered render(ChatInput input) {
        ChatInput shape = input.marked();
        Optional<ChatForm> form = known.get(shape);
        if (form == null) {
            form = find(shape);
            known.put(shape, form);
        }
        if (form.isPresent()) {
            try {
                String text = render(form.get(), input);
                if (cut(form.get(), input, text).isEmpty()) {
                    return new Rendered(text, form.get().folded());
                }
            } catch (TemplateError e) {
                stopAtLimit(e);
            }
        }
        return search(input);
    }

    private String render(ChatForm form, ChatInput input) {
        return renderer.render(form.turns(input.messages()), input.variables(), input.addGenerationPrompt());
    }

    private Optional<ChatForm> find(ChatInput shape) {
        for (ChatForm form : ChatForm.candidates(shape.messages())) {
            Optional<String> text = shown(form, shape);
            if (text.isPresent()
                    && TurnMarks.missing(shape.messages(), form, text.get()).isEmpty()
                    && TurnMarks.missing(shape.variables(), text.get()).isEmpty()) {
                return Optional.of(form);
            }
        }
        return Optional.empty();
    }

    /** A template may look into contents, so that marks alone do not tell. Then the contents themselves are used. */
    private Rendered search(ChatInput input) {
        Map<ChatForm, Failure> failures = new LinkedHashMap<>();
        for (ChatForm form : ChatForm.candidates(input.messages())) {
            try {
                String text = render(form, input);
                List<Integer> missing = missing(form, input);
                List<Integer> cut = new ArrayList<>(cut(form, input, text));
                cut.removeAll(missing);
                Optional<String> variable = missingVariable(form, input);
                if (missing.isEmpty() && cut.isEmpty() && variable.isEmpty()) {
                    return new Rendered(text, form.folded());
                }
                failures.put(form, new Failure(null, missing, cut, variable));
            } catch (TemplateError e) {
                stopAtLimit(e);
                failures.put(form, new Failure(e, List.of(), List.of(), Optional.empty()));
            }
        }
        throw refusal(input, failures);
    }

    private Optional<String> missingVariable(ChatForm form, ChatInput input) {
        if (input.variables().tools().isEmpty() && input.variables().documents().isEmpty()) {
            return Optional.empty();
        }
        return shown(form, input.withMarkedVariables()).flatMap(text -> TurnMarks.missing(input.variables(), text));
    }

    /** The turns that are not shown even if all the others are as they are. */
    private List<Integer> missing(ChatForm form, ChatInput input) {
        ChatInput all = input.withMessages(TurnMarks.shape(input.messages()));
        List<Integer> suspects = shown(form, all)
                .map(text -> TurnMarks.missing(all.messages(), form, text))
                .orElseGet(() -> TurnMarks.spoken(input.messages()));
        return suspects.stream().filter(turn -> isMissing(form, input, turn)).toList();
    }

    /** A template that refuses every mark is judged by the contents alone. */
    private boolean isMissing(ChatForm form, ChatInput input, int turn) {
        boolean judged = false;
        for (List<Message> marked : TurnMarks.each(input.messages(), turn)) {
            Optional<String> text = shown(form, input.withMessages(marked));
            if (text.isPresent() && !TurnMarks.missing(marked, form, text.get()).contains(turn)) {
                return false;
            }
            judged |= text.isPresent();
        }
        return judged;
    }

    private Optional<String> shown(ChatForm form, ChatInput marked) {
        try {
            return Optional.of(render(form, marked));
        } catch (TemplateError e) {
            stopAtLimit(e);
            return Optional.empty();
        }
    }

    /** The turns of which words are not in the text, not even in another spelling. */
    private List<Integer> cut(ChatForm form, ChatInput input, String text) {
        List<Message> messages = input.messages();
        OrderedSearch search = new OrderedSearch(text);
        List<Integer> suspects = TurnMarks.spoken(messages).stream()
                .filter(turn -> !search.has(Reasoning.without(messages.get(turn))))
                .toList();
        if (suspects.isEmpty()) {
            return suspects;
        }
        return shown(form, input.withMessages(TurnMarks.around(messages, suspects)))
                .map(marked -> TurnMarks.cut(suspects, marked))
                .orElse(List.of());
    }

    private static void stopAtLimit(TemplateError error) {
        if (error.kind() == TemplateError.Kind.LIMIT) {
            throw error.toPublic();
        }
    }

    /** The template's own refusal of the plain forms, else what the form that loses least loses. */
    private ChatTemplateException refusal(ChatInput input, Map<ChatForm, Failure> failures) {
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
                .min(Comparator.comparingInt(Failure::lost))
                .orElseThrow();
        ChatTemplateException exception = new ChatTemplateException(sentence(input.messages(), least));
        errors.forEach(error -> exception.addSuppressed(error.toPublic()));
        return exception;
    }

    private String sentence(List<Message> messages, Failure failure) {
        if (failure.lost() == 0) {
            return "The chat template of " + origin + " leaves out "
                    + failure.variable().orElseThrow()
                    + ", so the model would not see it. Leave it out of the request, put its text into a message, or use"
                    + " another model file.";
        }
        boolean whole = !failure.missing().isEmpty();
        int turn = whole ? failure.missing().getFirst() : failure.cut().getFirst();
        if (!messages.get(turn).toolCalls().isEmpty()) {
            return "The chat template of " + origin + " leaves out the tool calls or the words of turn " + (turn + 1)
                    + " ("
                    + messages.get(turn).role() + ") of " + messages.size()
                    + ", in whichever form they are given. The model"
                    + " would not see them. Write the calls into the content as the model writes them, or use another"
                    + " model file.";
        }
        String others = failure.lost() == 1 ? "" : " and " + (failure.lost() - 1) + " more";
        return "The chat template of " + origin + (whole ? " leaves out turn " : " leaves out a part of turn ")
                + (turn + 1) + " (" + messages.get(turn).role() + ")" + others + " of " + messages.size()
                + ", whether the content is given as text or as a list of text parts. The model would not see it. Put a"
                + " template that shows message.content of every turn into the file, or use another model file.";
    }
}
