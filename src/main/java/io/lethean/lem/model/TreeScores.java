package io.lethean.lem.model;

import io.lethean.lem.internal.llama.CancelFlag;
import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Scores trees of continuations in a context with sequences that share their cells. What a prompt has in common with the one
 * before is not evaluated again.
 *
 * <p>A likelihood should depend neither on other continuations nor on earlier prompts. Where each token is computed as in a call of
 * its own, no call makes a difference. Elsewhere the whole blocks of a prompt, up to its last token, are evaluated as {@link
 * NativeContext#endOfCall} says, and every other token in a narrow call: fewer tokens than a block, so that attention takes each on
 * its own, and filled up to whole tiles of matrix products. On the processor with flash attention every bit is equal then; without
 * it attention adds up in another order if there are other continuations, and last digits differ. Confined to the model's thread.
 */
final class TreeScores implements AutoCloseable {

    private static final int WIDTH = 32;
    private static final int TILE = 8;

    /** Tokens that a context must hold in addition to a prompt and a tree. */
    static final int ROOM_TO_FILL_UP = TILE;

    private final NativeContext context;
    private final TokenBatch batch;
    /** Tokens of one call with logits, at most. */
    private final int mostRows;
    /** The last sequence, for the tokens that fill up a call. */
    private final int spare;

    /** The nodes of the batch, in its order. */
    private final List<TokenTree.Node> rows = new ArrayList<>();

    private int[] held = {};
    private int heldBlocks;

    /** Takes ownership of the context. */
    TreeScores(NativeContext context) {
        this.context = context;
        this.batch = context.batch();
        this.mostRows = Math.min(batch.maxLogitRows(), Math.min(context.batchTokens(), context.microBatchTokens()));
        this.spare = context.sequences() - 1;
    }

    /** Tokens of a narrow call; where any call will do, it need not be narrow. */
    private int width() {
        return context.usesEveryToken() ? mostRows : Math.min(WIDTH, mostRows);
    }

    /** Tokens of a prompt and a tree that fit. */
    int room() {
        return context.capacity() - ROOM_TO_FILL_UP;
    }

    /**
     * Scores a tree after a prompt.
     *
     * @throws java.util.concurrent.CancellationException if it was cancelled; this object must be closed then
     */
    void score(int[] prompt, TokenTree tree, CancelFlag cancel) {
        context.watch(cancel);
        hold(prompt, cancel);
        int last = prompt.length - 1;
        batch.clear();
        add(prompt[last], last, Math.max(1, tree.paths()), tree.root(), cancel);
        for (TokenTree.Node node : tree.evaluated()) {
            add(node.token(), last + node.depth(), node.paths(), node, cancel);
        }
        evaluateRows(cancel);
        if (!cutBack(last)) {
            held = new int[0];
        }
    }

    /**
     * Hands out the logits after each token of a text but the last: no token of the text needs those. The whole blocks
     * are those that {@link #score} would evaluate for the last token.
     *
     * @throws java.util.concurrent.CancellationException if it was cancelled; this object must be closed then
     */
    void rows(int[] text, Consumer<float[]> rows, CancelFlag cancel) {
        context.watch(cancel);
        cutBack(0);
        held = new int[0];
        int end = text.length - 1;
        int blocks = context.usableAgain(end - 1);
        int to;
        for (int from = 0; from < end; from = to) {
            to = evaluatePart(text, from, blocks, end, true, cancel);
            for (int row = 0; row < to - from; row++) {
                rows.accept(context.copyOfLogits(row));
            }
        }
        cutBack(0);
    }

    /** Makes every sequence but the spare one hold a prompt up to its last token. */
    private void hold(int[] prompt, CancelFlag cancel) {
        int last = prompt.length - 1;
        int blocks = context.usableAgain(last);
        int kept = reusable(prompt, blocks);
        if (!cutBack(kept)) {
            kept = 0;
        }
        int from = kept;
        while (from < last) {
            from = evaluatePart(prompt, from, blocks, last, false, cancel);
        }
        held = Arrays.copyOf(prompt, last);
        heldBlocks = blocks;
    }

    /**
     * Evaluates the next tokens of a text: whole blocks, a single one if logits are wanted, or what fits a narrow call.
     *
     * @param blocks where the whole blocks end
     * @param end where the text ends
     * @return where the next call begins
     */
    private int evaluatePart(int[] text, int from, int blocks, int end, boolean wantsLogits, CancelFlag cancel) {
        boolean narrow = from >= blocks;
        int most = wantsLogits ? NativeContext.BLOCK : Integer.MAX_VALUE;
        int to = narrow ? Math.min(end, from + width()) : context.endOfCall(from, blocks, most);
        batch.clear();
        for (int i = from; i < to; i++) {
            batch.add(text[i], i, 0, spare, wantsLogits);
        }
        evaluate(narrow, wantsLogits, cancel);
        return to;
    }

    /** How many of the tokens that are held begin the prompt and were evaluated as they would be now. */
    private int reusable(int[] prompt, int blocks) {
        int most = Math.min(held.length, prompt.length - 1);
        int common = Place.common(held, prompt, most);
        int bothBlocks = Math.min(blocks, heldBlocks);
        if (common < bothBlocks) {
            return context.usableAgain(common);
        }
        return blocks == heldBlocks ? common : bothBlocks;
    }

    /** Whether the sequences hold this many tokens now; if not, they are empty. */
    private boolean cutBack(int length) {
        if (length > 0 && context.cutBackAll(length)) {
            return true;
        }
        context.clear();
        return length == 0;
    }

    private void add(int token, int position, int paths, TokenTree.Node node, CancelFlag cancel) {
        if (rows.size() == width()) {
            evaluateRows(cancel);
        }
        rows.add(node);
        batch.add(token, position, node.firstPath(), paths, true);
    }

    private void evaluateRows(CancelFlag cancel) {
        evaluate(true, true, cancel);
        for (int i = 0; i < rows.size(); i++) {
            rows.get(i).score(new LogSoftmax(context.copyOfLogits(i)));
        }
        rows.clear();
        batch.clear();
    }

    private void evaluate(boolean narrow, boolean wantsLogits, CancelFlag cancel) {
        int size = batch.size();
        for (int i = 0;
                narrow && !context.usesEveryToken() && batch.size() % TILE != 0 && batch.hasRoom(wantsLogits);
                i++) {
            batch.add(0, i, spare, wantsLogits);
        }
        TokenScores.require(!cancel.isRaised() && context.decode(batch), size);
        if (batch.size() > size) {
            context.forget(spare);
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
