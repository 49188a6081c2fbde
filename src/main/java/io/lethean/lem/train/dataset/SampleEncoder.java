package io.lethean.lem.train.dataset;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.MalformedDataException;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns examples into tokens and marks which of them are to be learned.
 *
 * <p>Which tokens are the assistant's is never counted: the text up to a boundary is tokenized by itself and compared
 * with the tokens of the whole. A token that the tokenizer merges across the beginning of a turn belongs to the turn,
 * and one that it merges across the end does not.
 *
 * <p>As safe for several threads as the renderer and the tokenizer are.
 */
public final class SampleEncoder {

    /** Stands for a model without a token that ends a text. */
    public static final int NO_TOKEN = -1;

    private final ChatRenderer renderer;
    private final TextTokenizer tokenizer;
    private final int endOfText;
    private final boolean maskPrompt;

    /**
     * An encoder of examples for one model.
     *
     * @param renderer renders conversations as the model expects them
     * @param tokenizer the tokenizer of the model
     * @param endOfText the token put after plain text that does not end with it already, or {@link #NO_TOKEN}
     * @param maskPrompt whether only the assistant's turns are learned, and not everything
     */
    public SampleEncoder(ChatRenderer renderer, TextTokenizer tokenizer, int endOfText, boolean maskPrompt) {
        this.renderer = Objects.requireNonNull(renderer, "renderer");
        this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
        this.endOfText = endOfText;
        this.maskPrompt = maskPrompt;
    }

    /**
     * {@return the tokens of an example}
     *
     * @param example a conversation or a text
     * @throws MalformedDataException naming file and line, if the template refuses the conversation or nothing in it
     *     can be learned
     */
    public TrainingSample encode(TrainingExample example) throws MalformedDataException {
        TrainingSample sample = switch (example) {
            case TrainingExample.Conversation conversation -> encodeConversation(conversation);
            case TrainingExample.PlainText text -> encodeText(text);
        };
        if (sample.trainedCount() == 0) {
            throw malformed(
                    example,
                    "no token of this example would be trained, since its " + sample.length()
                            + " tokens hold nothing that the assistant says.",
                    null);
        }
        return sample;
    }

    private TrainingSample encodeConversation(TrainingExample.Conversation example) throws MalformedDataException {
        String text;
        try {
            text = renderer.render(example.messages(), false);
        } catch (ChatTemplateException e) {
            throw malformed(example, "the model's chat template refuses this conversation: " + e.getMessage(), e);
        }
        int[] tokens = tokenizer.tokenize(text);
        boolean[] trained = maskPrompt ? new boolean[tokens.length] : everything(tokens);
        if (maskPrompt || !example.unlearned().isEmpty()) {
            markTurns(example, text, tokens, trained);
        }
        return new TrainingSample(example.file(), example.line(), tokens, trained);
    }

    /** Marks the tokens of the assistant's turns as learned or not, and leaves the others as they are. */
    private void markTurns(TrainingExample.Conversation example, String text, int[] tokens, boolean[] trained)
            throws MalformedDataException {
        Map<Integer, AssistantTurns.Span> spans = new AssistantTurns(renderer, example.messages(), text).spans();
        for (Map.Entry<Integer, AssistantTurns.Span> turn : spans.entrySet()) {
            int first = Math.max(1, tokensUpTo(turn.getValue().start(), text, tokens));
            int end = tokensUpTo(turn.getValue().end(), text, tokens);
            Arrays.fill(trained, Math.min(first, end), end, !example.unlearned().contains(turn.getKey()));
        }
        for (int turn : example.unlearned()) {
            if (!spans.containsKey(turn)
                    && !example.messages().get(turn).content().isBlank()) {
                throw malformed(
                        example,
                        "turn " + (turn + 1) + " has weight 0, and where it is in the rendered text cannot be found.",
                        null);
            }
        }
    }

    /** How many tokens of the whole text lie wholly before a character, found by tokenizing the text before it. */
    private int tokensUpTo(int character, String text, int[] tokens) {
        if (character == 0 || character == text.length()) {
            return character == 0 ? 0 : tokens.length;
        }
        int[] before = tokenizer.tokenize(text.substring(0, character));
        int mismatch = Arrays.mismatch(before, tokens);
        return mismatch < 0 ? tokens.length : mismatch;
    }

    private TrainingSample encodeText(TrainingExample.PlainText example) throws MalformedDataException {
        if (maskPrompt) {
            throw malformed(example, "mask-prompt needs a prompt to mask, and this example is plain text.", null);
        }
        int[] tokens = tokenizer.tokenize(example.text());
        boolean ends = endOfText == NO_TOKEN || (tokens.length > 0 && tokens[tokens.length - 1] == endOfText);
        int[] complete = ends ? tokens : Arrays.copyOf(tokens, tokens.length + 1);
        if (!ends) {
            complete[tokens.length] = endOfText;
        }
        return new TrainingSample(example.file(), example.line(), complete, everything(complete));
    }

    private static boolean[] everything(int[] tokens) {
        boolean[] trained = new boolean[tokens.length];
        Arrays.fill(trained, Math.min(1, tokens.length), tokens.length, true);
        return trained;
    }

    private static MalformedDataException malformed(
            TrainingExample example, String problem, @Nullable ChatTemplateException cause) {
        return new MalformedDataException(example.file(), example.line(), problem, cause);
    }
}
