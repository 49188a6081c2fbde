package io.lethean.lem.model;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.llama.CancelFlag;
import io.lethean.lem.internal.llama.ContextParameters;
import io.lethean.lem.internal.llama.NativeContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Likelihoods of continuations, computed in a context of their own, so that prompts that are remembered for answers stay.
 *
 * <p>That context is made when it is first needed, as large as the question needs, and a larger one replaces it when a
 * question needs more. Where the memory for it is short, and for models with a recurrent state, continuations are evaluated
 * one after the other in the model's first context. Confined to the model's thread.
 */
final class Likelihoods implements AutoCloseable {

    private static final int SMALLEST = 1024;

    /** Room for the answers of a question that fills the model's context. */
    private static final int ROOM_FOR_ANSWERS = 1024;

    private final ModelLoader.Loaded loaded;
    private final AppliedAdapters adapters;
    private final Runnable forgetPrompts;
    private @Nullable TreeScores own;
    private int refused = Integer.MAX_VALUE;

    /**
     * @param adapters the model's adapters
     * @param forgetPrompts discards what the model's first context holds
     */
    Likelihoods(ModelLoader.Loaded loaded, AppliedAdapters adapters, Runnable forgetPrompts) {
        this.loaded = loaded;
        this.adapters = adapters;
        this.forgetPrompts = forgetPrompts;
    }

    /**
     * How likely each continuation is after a prompt of at least one token.
     *
     * @throws io.lethean.lem.ContextOverflowException if one does not fit, before anything is evaluated
     * @throws java.util.concurrent.CancellationException if it was cancelled
     */
    List<LogLikelihood> of(int[] prompt, List<int[]> continuations, CancelFlag cancel) {
        TokenScores scores = new TokenScores(loaded.context(), loaded.vocabulary(), cancel);
        scores.requireFit(prompt, continuations);
        if (continuations.isEmpty()) {
            return List.of();
        }
        int maxPaths = loaded.plan().scoringParameters(SMALLEST).size().sequences() - 1;
        List<TokenTree> trees = TokenTree.of(continuations, maxPaths, mostTokens() - prompt.length);
        int largest = trees.stream().mapToInt(TokenTree::size).max().orElseThrow();
        if (!makeRoom(prompt.length + largest)) {
            return inFirstContext(() -> scores.logLikelihoods(prompt, continuations));
        }
        Map<int[], LogLikelihood> results = new TreeMap<>(Arrays::compare);
        score(prompt, trees, cancel);
        trees.forEach(tree -> tree.likelihoods(results::put));
        return continuations.stream()
                .map(continuation -> Objects.requireNonNull(results.get(continuation)))
                .toList();
    }

    /**
     * How likely each token of a text is after those before it, from the second on.
     *
     * @param top how many of the most likely tokens are named for each
     * @throws io.lethean.lem.ContextOverflowException if the text does not fit, before anything is evaluated
     * @throws java.util.concurrent.CancellationException if it was cancelled
     */
    List<TokenLogprobs> ofTokens(int[] text, int top, CancelFlag cancel) {
        TokenScores scores = new TokenScores(loaded.context(), loaded.vocabulary(), cancel);
        scores.requireFit(text, List.of());
        List<TokenLogprobs> results = new ArrayList<>();
        if (text.length == 1) {
            return results;
        }
        Consumer<float[]> rows = row -> results.add(LogprobRecorder.of(row, text[results.size() + 1], top));
        if (makeRoom(text.length)) {
            completely(() -> Objects.requireNonNull(own).rows(text, rows, cancel));
        } else {
            inFirstContext(() -> {
                scores.rows(Arrays.copyOf(text, text.length - 1), rows);
                return results;
            });
        }
        return results;
    }

    /** Does work in the model's first context, which then holds no prompt. */
    private <T> T inFirstContext(Supplier<T> work) {
        try {
            return work.get();
        } finally {
            forgetPrompts.run();
        }
    }

    /** Tokens of a prompt and a tree, in the largest context that is made. */
    private int mostTokens() {
        return loaded.context().capacity() + ROOM_FOR_ANSWERS;
    }

    private void score(int[] prompt, List<TokenTree> trees, CancelFlag cancel) {
        completely(() -> {
            for (TokenTree tree : trees) {
                Objects.requireNonNull(own).score(prompt, tree, cancel);
            }
        });
    }

    /** Closes the context if the work with it fails, because nobody knows what it holds then. */
    private void completely(Runnable work) {
        boolean complete = false;
        try {
            work.run();
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    /** Whether there is a context for this many tokens, or it was made; never for a model with a recurrent state. */
    private boolean makeRoom(int tokens) {
        if (loaded.model().hasRecurrentState()) {
            return false;
        }
        if (own != null && own.room() >= tokens) {
            return true;
        }
        if (tokens >= refused) {
            return false;
        }
        close();
        int size = SMALLEST;
        while (size < tokens + TreeScores.ROOM_TO_FILL_UP) {
            size *= 2;
        }
        boolean made =
                create(loaded.plan().scoringParameters(Math.min(size, mostTokens() + TreeScores.ROOM_TO_FILL_UP)));
        if (!made) {
            refused = tokens;
        }
        return made;
    }

    private boolean create(ContextParameters parameters) {
        NativeContext context;
        try {
            if (!ContextRoom.of(loaded.plan(), parameters).suffices()) {
                return false;
            }
            context = loaded.model().createContext(parameters);
        } catch (NativeCallException refusal) {
            return false;
        }
        own = new TreeScores(context);
        adapters.applyTo(context);
        context.computeRowsAlone(loaded.context().areRowsAlone());
        return true;
    }

    /** Frees the context; the next question makes another one. */
    @Override
    public void close() {
        if (own != null) {
            own.close();
            own = null;
        }
    }
}
