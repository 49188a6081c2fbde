package io.lethean.lem.model;

import io.lethean.lem.Message;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.jinja.ChatTemplate;
import io.lethean.lem.internal.llama.Vocabulary;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Conversations to tokens by a model's chat template.
 *
 * <p>The rendered text is tokenized as one, as published tools do, and control tokens in it take effect. If a message's
 * content spells a control token, such as {@code <|im_end|>}, it would forge a turn. Then the text is tokenized in
 * pieces, and contents are ordinary text; a tokenizer that puts a space before words may put one before such a content.
 */
final class Conversations {

    private static final System.Logger LOG = System.getLogger(LemModel.class.getName());

    private final Vocabulary vocabulary;
    private final PromptEncoder encoder;
    private final ChatTemplate template;

    /**
     * @param source the template; empty for the plain form
     * @param file the model, for the names of its special tokens and for messages
     * @throws io.lethean.lem.ChatTemplateException if the source is not a template
     */
    Conversations(Vocabulary vocabulary, Optional<String> source, GgufFile file) {
        this.vocabulary = vocabulary;
        this.encoder = new PromptEncoder(vocabulary);
        this.template = ChatTemplate.of(source, file.path().toString(), TemplateTokens.of(vocabulary, file.metadata()));
    }

    String render(List<Message> messages, boolean addGenerationPrompt) {
        return template.render(messages, addGenerationPrompt).text();
    }

    /** The prompt that asks for the next turn. */
    int[] tokens(List<Message> messages) {
        return tokens(messages, true);
    }

    /** A conversation as tokens, with or without what comes before an answer. */
    int[] tokens(List<Message> messages, boolean addGenerationPrompt) {
        String text = render(messages, addGenerationPrompt);
        List<Message> forged = messages.stream()
                .filter(message -> spellsControl(message.content()))
                .toList();
        if (forged.isEmpty()) {
            return encoder.rendered(text);
        }
        Optional<List<TextSpan>> spans = spans(messages, forged, text, addGenerationPrompt);
        if (spans.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "A message spells a control token of the model and the chat template changes the"
                            + " message, so it cannot be told apart; the token takes effect.");
            return encoder.rendered(text);
        }
        return encoder.spans(spans.get());
    }

    private boolean spellsControl(String content) {
        return !Arrays.equals(vocabulary.tokenize(content, false, true), vocabulary.tokenize(content, false, false));
    }

    /** A part of a rendered text: the template's own words, or a message's. */
    record TextSpan(String text, boolean ofMessage) {}

    /**
     * The rendered text cut at the forged contents. Where they are is found by rendering again with a word in place of
     * each, and believed only if putting the contents back gives the text.
     */
    private Optional<List<TextSpan>> spans(
            List<Message> messages, List<Message> forged, String text, boolean addGenerationPrompt) {
        UnaryOperator<Message> marked = message ->
                forged.contains(message) ? new Message(message.role(), mark(forged.indexOf(message))) : message;
        String withMarks = render(messages.stream().map(marked).toList(), addGenerationPrompt);
        return List.<UnaryOperator<String>>of(UnaryOperator.identity(), String::strip, String::stripLeading).stream()
                .map(trim -> cut(
                        withMarks,
                        forged.stream().map(Message::content).map(trim).toList()))
                .filter(spans -> join(spans).equals(text))
                .findFirst();
    }

    private static String mark(int index) {
        return "Forged" + index + "Content";
    }

    private static List<TextSpan> cut(String withMarks, List<String> contents) {
        List<TextSpan> spans = new ArrayList<>();
        StringBuilder own = new StringBuilder();
        for (int at = 0; at < withMarks.length(); ) {
            int index = markAt(withMarks, at, contents.size());
            if (index < 0) {
                own.append(withMarks.charAt(at++));
                continue;
            }
            spans.add(new TextSpan(own.toString(), false));
            spans.add(new TextSpan(contents.get(index), true));
            own.setLength(0);
            at += mark(index).length();
        }
        spans.add(new TextSpan(own.toString(), false));
        return spans;
    }

    private static int markAt(String text, int at, int count) {
        for (int index = 0; index < count; index++) {
            if (text.startsWith(mark(index), at)) {
                return index;
            }
        }
        return -1;
    }

    private static String join(List<TextSpan> spans) {
        StringBuilder joined = new StringBuilder();
        spans.forEach(span -> joined.append(span.text()));
        return joined.toString();
    }
}
