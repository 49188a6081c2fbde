package io.lethean.lem.model;

import io.lethean.lem.internal.llama.Piece;
import io.lethean.lem.internal.llama.Vocabulary;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One generation as it grows token by token, wherever its scores come from. Confined to the model's thread. */
final class AnswerInProgress implements AutoCloseable {

    private final Vocabulary vocabulary;
    private final TokenSelector selector;
    private final TextStream text;
    private final TokenHistory history;
    private final int promptTokens;
    private final int maxTokens;
    private final int room;
    private int reusedTokens;
    private final long begun = System.nanoTime();
    private long promptEnd = begun;
    private int token = -1;

    /**
     * @param maxTokens the most tokens to generate
     * @param capacity tokens that prompt and answer may have together
     * @param selector is closed with this
     */
    AnswerInProgress(
            Vocabulary vocabulary, int[] prompt, int maxTokens, int capacity, TokenSelector selector, TextStream text) {
        this.vocabulary = vocabulary;
        this.selector = selector;
        this.text = text;
        this.history = new TokenHistory(prompt);
        this.promptTokens = prompt.length;
        this.maxTokens = maxTokens;
        this.room = capacity - prompt.length;
    }

    /** Notes how many of the prompt's first tokens need not be evaluated. */
    void promptReused(int tokens) {
        reusedTokens = tokens;
    }

    /** Notes that the prompt has been evaluated, for the timings. */
    void promptEvaluated() {
        promptEnd = System.nanoTime();
    }

    /**
     * Chooses the next token.
     *
     * @param scores of all tokens, in native memory
     * @return why the answer ends here; null if it continues once {@link #token()} has been evaluated
     */
    @Nullable
    FinishReason choose(MemorySegment scores) {
        int chosen = selector.select(scores, history);
        Piece piece = vocabulary.piece(chosen);
        if (piece.endOfGeneration()) {
            return FinishReason.END_OF_TURN;
        }
        token = chosen;
        history.add(chosen);
        text.append(piece);
        if (text.stopped()) {
            return FinishReason.STOP_SEQUENCE;
        }
        boolean full = history.generatedCount() == maxTokens || history.generatedCount() > room;
        return full ? FinishReason.LENGTH : null;
    }

    /** The token that was chosen last. */
    int token() {
        return token;
    }

    /**
     * Ends the text; the answer as it stands.
     *
     * @throws io.lethean.lem.GrammarException if the text is finished and not what the options ask for
     */
    Generation end(FinishReason reason) {
        text.finish();
        if (reason == FinishReason.END_OF_TURN || reason == FinishReason.STOP_SEQUENCE) {
            selector.requireUsable(text.text());
        }
        int[] generated = history.generated();
        boolean specialOnly = generated.length > 0
                && Arrays.stream(generated)
                        .allMatch(each -> vocabulary.piece(each).special());
        Timings timings =
                new Timings(Duration.ofNanos(promptEnd - begun), Duration.ofNanos(System.nanoTime() - promptEnd));
        return new Generation(
                text.text(),
                Arrays.stream(generated).boxed().toList(),
                reason,
                promptTokens,
                reusedTokens,
                generated.length,
                timings,
                specialOnly);
    }

    @Override
    public void close() {
        selector.close();
    }
}
