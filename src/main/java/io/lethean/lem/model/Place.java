package io.lethean.lem.model;

import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.TokenBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What a sequence of the KV cache holds: the tokens that were evaluated in it. Confined to the model's thread.
 *
 * <p>Where a token's bits depend on its call ({@link NativeContext#usesEveryToken}), only whole blocks of a prompt can be used
 * again, because only they are computed by the same calls in every prompt; what was generated came token by token, so it has other
 * last digits. Elsewhere every token can be used again.
 */
final class Place {

    private final NativeContext context;
    private final int sequence;
    private int[] prompt = {};
    private AdapterSet adapters = AdapterSet.NONE;
    private int length;
    private int reusable;
    private boolean busy;
    private boolean ahead;
    private long lastUse;

    Place(NativeContext context, int sequence) {
        this.context = context;
        this.sequence = sequence;
    }

    int sequence() {
        return sequence;
    }

    /** Tokens that the sequence holds. */
    int length() {
        return length;
    }

    /** Whether an answer is being generated here. */
    boolean isBusy() {
        return busy;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /** When it was last used, as a count that grows. */
    long lastUse() {
        return lastUse;
    }

    void usedAt(long moment) {
        lastUse = moment;
    }

    /** How many tokens at a prompt's beginning need not be evaluated if it continues from here. */
    int reusableFor(int[] other, AdapterSet with) {
        int most = Math.min(reusable, other.length - 1);
        if (most <= 0 || !with.equals(adapters)) {
            return 0;
        }
        int blocks = context.usableAgain(common(prompt, other, most));
        boolean possible = blocks == length || context.canCutBack(sequence);
        return possible ? blocks : 0;
    }

    /** How many tokens two texts have in common at their beginning, at most {@code most}. */
    static int common(int[] one, int[] other, int most) {
        int mismatch = Arrays.mismatch(one, 0, most, other, 0, most);
        return mismatch < 0 ? most : mismatch;
    }

    /** Begins a prompt after the first of its tokens, which the sequence holds already. */
    void begin(int[] tokens, AdapterSet with, int kept) {
        cutBack(kept);
        prompt = tokens;
        adapters = with;
        busy = true;
    }

    /** Copies what another sequence holds. */
    void copyOf(Place other) {
        context.forget(sequence);
        context.copy(other.sequence, sequence);
        prompt = other.prompt;
        adapters = other.adapters;
        length = other.length;
        reusable = other.reusable;
        lastUse = other.lastUse;
    }

    /** The tokens of which an idle sequence holds the cache. */
    int[] held() {
        return Arrays.copyOf(prompt, length);
    }

    /** What the cache has of them; see {@link NativeContext#state}. */
    MemorySegment state(Arena arena) {
        return context.state(sequence, arena);
    }

    /**
     * Makes an idle sequence hold the cache of tokens, all of which can be used again.
     *
     * @param with the adapters that it was computed with
     * @return false if llama.cpp refuses the state; the sequence is empty then
     */
    boolean restore(int[] tokens, AdapterSet with, MemorySegment state) {
        forget();
        if (!context.restore(sequence, state, tokens.length)) {
            return false;
        }
        prompt = tokens;
        adapters = with;
        length = tokens.length;
        reusable = tokens.length;
        return true;
    }

    /** Notes that a call evaluated the prompt up to here. */
    void evaluatedPrompt(int to) {
        length = to;
        reusable = context.usableAgain(to);
    }

    /** Notes that a generated token was evaluated. */
    void evaluatedToken() {
        length++;
    }

    /** Notes that tokens after those that it holds were evaluated; {@link #evaluatedToken} makes the next of them its own. */
    void evaluatedAhead() {
        ahead = true;
    }

    /**
     * Keeps of an ended answer what can be used again.
     *
     * @param generated the tokens after the prompt, of which the last need not have been evaluated
     */
    void end(int[] generated) {
        busy = false;
        if (ahead) {
            dropAhead();
        }
        if (context.usesEveryToken() && length > prompt.length) {
            prompt = IntStream.concat(Arrays.stream(prompt), Arrays.stream(generated))
                    .limit(length)
                    .toArray();
            reusable = length;
        }
        if (reusable == 0 || length > reusable && !context.canCutBack(sequence)) {
            forget();
        } else {
            cutBack(reusable);
        }
    }

    /** Adds a token that {@link #dropAhead} will discard; an idle sequence that is full is emptied for it. */
    void addToken(int token, TokenBatch batch) {
        makeRoom(1);
        batch.add(token, length, sequence, true);
    }

    /** Empties an idle sequence that has no room for this many tokens more. */
    void makeRoom(int tokens) {
        if (length > context.capacity() - tokens) {
            forget();
        }
    }

    /** Discards what was evaluated after the tokens that it holds: an idle token, or a draft that was wrong. */
    void dropAhead() {
        ahead = false;
        if (!context.dropAfter(sequence, length)) {
            forget();
        }
    }

    /** Discards what a call that ended early has evaluated. */
    void dropUnfinished() {
        if (context.keepsEveryToken()) {
            dropAhead();
        } else {
            forget();
        }
    }

    private void cutBack(int to) {
        if (to == length) {
            return;
        }
        if (to == 0 || !context.cutBack(sequence, to)) {
            forget();
        } else {
            length = to;
            reusable = Math.min(reusable, to);
        }
    }

    void forget() {
        context.forget(sequence);
        forgotten();
    }

    /** Notes that the sequence was emptied. */
    void forgotten() {
        prompt = new int[0];
        adapters = AdapterSet.NONE;
        ahead = false;
        length = 0;
        reusable = 0;
    }
}
