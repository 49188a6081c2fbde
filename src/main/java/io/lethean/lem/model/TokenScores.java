package io.lethean.lem.model;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.internal.llama.CancelFlag;
import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.TokenBatch;
import io.lethean.lem.internal.llama.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/** Computes logits and log-likelihoods of given tokens, in the context's first sequence. */
final class TokenScores {

    private final NativeContext context;
    private final Vocabulary vocabulary;
    private final CancelFlag cancel;

    TokenScores(NativeContext context, Vocabulary vocabulary, CancelFlag cancel) {
        this.context = context;
        this.vocabulary = vocabulary;
        this.cancel = cancel;
    }

    /**
     * The logits after the last of the tokens.
     *
     * @throws ContextOverflowException if they do not fit, before anything is evaluated
     * @throws CancellationException if it was cancelled
     */
    float[] last(int[] tokens) {
        begin(tokens);
        require(context.decode(tokens), tokens.length);
        return context.copyOfLogits();
    }

    private void begin(int[] tokens) {
        vocabulary.requireTokens(tokens);
        context.requireFits(tokens);
        context.clear();
    }

    /**
     * The logits after each of the tokens.
     *
     * @throws ContextOverflowException if they do not fit, before anything is evaluated
     * @throws CancellationException if it was cancelled
     */
    void rows(int[] tokens, Consumer<float[]> rows) {
        begin(tokens);
        scored(tokens, 0, rows);
    }

    /**
     * How likely each continuation is after the context, which is evaluated once, one continuation after the other.
     *
     * @param prompt at least one token
     * @throws ContextOverflowException if one does not fit, before anything is evaluated
     * @throws CancellationException if it was cancelled
     */
    List<LogLikelihood> logLikelihoods(int[] prompt, List<int[]> continuations) {
        requireFit(prompt, continuations);
        LogSoftmax first = evaluate(prompt);
        List<LogLikelihood> results = new ArrayList<>();
        boolean clean = true;
        for (int[] continuation : continuations) {
            if (!clean && !context.cutBack(0, prompt.length)) {
                evaluate(prompt);
            }
            results.add(logLikelihood(prompt.length, first, continuation));
            clean = continuation.length == 1;
        }
        return results;
    }

    /**
     * Refuses what has no likelihood in this context. The last token of a continuation needs no room: its own likelihood
     * is known from the row before it.
     */
    void requireFit(int[] prompt, List<int[]> continuations) {
        vocabulary.requireTokens(prompt);
        context.requireFits(prompt);
        continuations.forEach(vocabulary::requireTokens);
        continuations.forEach(continuation -> context.requireFits(prompt.length + continuation.length - 1));
    }

    private LogSoftmax evaluate(int[] prompt) {
        context.clear();
        require(!cancel.isRaised() && context.decode(prompt), prompt.length);
        return new LogSoftmax(context.copyOfLogits());
    }

    private LogLikelihood logLikelihood(int from, LogSoftmax first, int[] continuation) {
        Tally tally = new Tally(continuation);
        tally.accept(first);
        int[] evaluated = Arrays.copyOf(continuation, continuation.length - 1);
        scored(evaluated, from, row -> tally.accept(new LogSoftmax(row)));
        return new LogLikelihood(tally.sum, continuation.length, tally.greedy);
    }

    /** The continuation's log-probability as row after row comes in. */
    private static final class Tally {
        private final int[] continuation;
        private int next;
        private double sum;
        private boolean greedy = true;

        Tally(int[] continuation) {
            this.continuation = continuation;
        }

        void accept(LogSoftmax row) {
            int token = continuation[next++];
            sum += row.of(token);
            greedy &= row.best() == token;
        }
    }

    /** Evaluates tokens after those already there and hands out the logits after each. */
    private void scored(int[] tokens, int position, Consumer<float[]> rows) {
        TokenBatch batch = context.batch();
        int most = Math.min(batch.maxLogitRows(), context.batchTokens());
        for (int from = 0; from < tokens.length; from += most) {
            batch.clear();
            for (int i = from; i < Math.min(tokens.length, from + most); i++) {
                batch.add(tokens[i], position + i, 0, true);
            }
            require(!cancel.isRaised() && context.decode(batch), tokens.length);
            for (int row = 0; row < batch.size(); row++) {
                rows.accept(context.copyOfLogits(row));
            }
        }
    }

    static void require(boolean evaluated, int tokens) {
        if (!evaluated) {
            throw new CancellationException(
                    String.format(Locale.ROOT, "The evaluation of %d tokens was cancelled.", tokens));
        }
    }
}
