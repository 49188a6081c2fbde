package io.lethean.lem.model;

import io.lethean.lem.GrammarException;
import io.lethean.lem.internal.llama.CancelFlag;
import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.TokenBatch;
import io.lethean.lem.internal.llama.Vocabulary;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Many generations in parallel, each in a sequence of its own; as one ends, the next prompt takes its place.
 *
 * <p>An answer does not depend on the others: prompts are evaluated one at a time in blocks that depend on nothing else
 * (see {@link SharedPrefix}), every step evaluates one token in each sequence, idle ones included, and each sequence has
 * cells of its own in the KV cache. Prompts are taken in the order of their tokens, so that those with a common beginning
 * follow each other.
 */
final class ParallelGeneration {

    private final NativeContext context;
    private final Vocabulary vocabulary;
    private final Function<GenerationOptions, TokenSelector> selectors;
    private final CancelFlag cancel;
    private final GenerationListener listener;
    private final SharedPrefix prefix;
    private final @Nullable Slot[] slots;
    private final Queue<EncodedRequest> waiting = new ArrayDeque<>();

    /** An answer under way and the request that it is for. */
    private record Slot(int index, AnswerInProgress answer) {}

    /** @param selectors makes the selector of an answer */
    ParallelGeneration(
            NativeContext context,
            Vocabulary vocabulary,
            Function<GenerationOptions, TokenSelector> selectors,
            CancelFlag cancel,
            GenerationListener listener) {
        this.context = context;
        this.vocabulary = vocabulary;
        this.selectors = selectors;
        this.cancel = cancel;
        this.listener = listener;
        this.slots = new Slot[context.parallel()];
        this.prefix = new SharedPrefix(context, slots.length);
    }

    /** Answers them all, or what can be until it is cancelled. */
    void run(List<EncodedRequest> requests) {
        requests.stream()
                .sorted(Comparator.comparing(EncodedRequest::prompt, Arrays::compare))
                .forEach(waiting::add);
        context.clear();
        try {
            do {
                fillSlots();
            } while (step());
            cancelRest();
        } finally {
            for (Slot slot : slots) {
                if (slot != null) {
                    slot.answer().close();
                }
            }
        }
    }

    private void fillSlots() {
        for (int sequence = 0; sequence < slots.length; sequence++) {
            while (slots[sequence] == null && !waiting.isEmpty() && !cancel.isRaised()) {
                start(sequence, waiting.remove());
            }
        }
    }

    private void start(int sequence, EncodedRequest request) {
        listener.started(request.index());
        AnswerInProgress answer;
        try {
            TokenSelector selector = selectors.apply(request.options());
            answer = request.begin(vocabulary, context.capacity(), selector, text -> {});
        } catch (RuntimeException unusable) {
            listener.finished(request.index(), new GenerationOutcome.Failed(unusable));
            return;
        }
        slots[sequence] = new Slot(request.index(), answer);
        boolean evaluated = evaluate(sequence, request.prompt());
        answer.promptEvaluated();
        if (evaluated) {
            choose(sequence, context.batch().size() - 1);
        } else {
            end(sequence, FinishReason.CANCELLED);
        }
    }

    private boolean evaluate(int sequence, int[] prompt) {
        EncodedRequest next = waiting.peek();
        int shared = next == null ? 0 : SharedPrefix.shareable(prompt, next.prompt());
        if (!prefix.hold(prompt, shared)) {
            return false;
        }
        int from = prefix.copyTo(sequence);
        return !cancel.isRaised() && context.evaluate(sequence, prompt, from, true);
    }

    /** Evaluates the chosen token of every answer and chooses the next; false if there is nothing more to do. */
    private boolean step() {
        if (idle() == slots.length) {
            return false;
        }
        TokenBatch batch = context.batch().clear();
        for (int sequence = 0; sequence < slots.length; sequence++) {
            Slot slot = slots[sequence];
            if (slot == null) {
                // An equal number of rows in every step: a narrower one would be computed by other code.
                context.forget(sequence);
                batch.add(0, 0, sequence, true);
            } else {
                batch.add(slot.answer().token(), slot.answer().position(), sequence, true);
            }
        }
        boolean evaluated = !cancel.isRaised() && context.decode(batch);
        for (int sequence = 0; sequence < slots.length; sequence++) {
            if (slots[sequence] != null && evaluated) {
                choose(sequence, sequence);
            }
        }
        return evaluated;
    }

    private int idle() {
        return (int) Arrays.stream(slots).filter(slot -> slot == null).count();
    }

    private void choose(int sequence, int row) {
        Slot slot = Objects.requireNonNull(slots[sequence]);
        FinishReason reason;
        try {
            reason = slot.answer().choose(context.logits(row));
        } catch (RuntimeException failed) {
            slots[sequence] = null;
            slot.answer().close();
            listener.finished(slot.index(), new GenerationOutcome.Failed(failed));
            return;
        }
        if (reason != null) {
            end(sequence, reason);
        }
    }

    private void end(int sequence, FinishReason reason) {
        Slot slot = Objects.requireNonNull(slots[sequence]);
        slots[sequence] = null;
        GenerationOutcome outcome;
        try (AnswerInProgress answer = slot.answer()) {
            outcome = new GenerationOutcome.Answered(answer.end(reason));
        } catch (GrammarException unusable) {
            outcome = new GenerationOutcome.Failed(unusable);
        }
        listener.finished(slot.index(), outcome);
    }

    private void cancelRest() {
        for (int sequence = 0; sequence < slots.length; sequence++) {
            if (slots[sequence] != null) {
                end(sequence, FinishReason.CANCELLED);
            }
        }
        waiting.forEach(request -> listener.finished(request.index(), EncodedRequest.CANCELLED));
    }
}
