package io.lethean.lem.model;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.llama.CancelFlag;
import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.Vocabulary;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Answers the requests of all callers together: each in a sequence of its own, and as one ends, the next takes its place.
 *
 * <p>An answer does not depend on the others. Prompts are evaluated one at a time (see {@link NativeContext#endOfCall}); in every
 * step a token gets the bits of a step of its own (see {@link Steps}); and each sequence has cells of its own in the KV cache.
 *
 * <p>Confined to the model's thread, {@link #calls()} apart.
 */
final class Scheduler {

    /** Tokens of a prompt that are evaluated between two steps of the answers that are under way. */
    private static final int TOKENS_BETWEEN_STEPS = 256;

    /** Tokens that the next turn can as well evaluate itself: it has more of its own. */
    private static final int NOT_WORTH_PREPARING = 8;

    /** Requests for each sequence that are begun with the same adapters while others wait for other ones. */
    private static final int MOST_IN_ROUND = 4;

    private final NativeContext context;
    private final AppliedAdapters adapters;
    private final Vocabulary vocabulary;
    private final Function<GenerationOptions, TokenSelector> selectors;
    private final PromptMemory memory;
    private final Steps steps;
    private final Lookups lookups;
    private final Slots slots;
    private final CallQueue calls;
    /** Whether scores were unusable, perhaps because there is NaN in the cache. */
    private boolean spoiled;

    private CancelFlag stop = new CancelFlag();

    Scheduler(
            NativeContext context,
            Vocabulary vocabulary,
            AppliedAdapters adapters,
            GenerationCall.RequestEncoder encoder,
            Function<GenerationOptions, TokenSelector> selectors) {
        this.context = context;
        this.vocabulary = vocabulary;
        this.adapters = adapters;
        this.calls = new CallQueue(encoder, MOST_IN_ROUND * context.parallel());
        this.selectors = selectors;
        this.memory = new PromptMemory(context, adapters);
        this.steps = new Steps(context, memory, adapters::applied);
        this.lookups = new Lookups(context, steps, adapters::applied);
        this.slots = new Slots(context.parallel());
    }

    /** The calls to answer. */
    CallQueue calls() {
        return calls;
    }

    /** The prompts that are held; for the model's thread, while no answer is being generated. */
    PromptMemory memory() {
        return memory;
    }

    /** Finds out how calls are to be computed with the present adapters; while no answer is being generated. */
    void prepare() {
        steps.prepare();
    }

    /** As {@link #forget}, with what was computed, in which there may be NaN. */
    void wipe() {
        context.wipe();
        memory.forgotten();
        spoiled = false;
    }

    /** Discards every prompt that is remembered, because others used the context. */
    void forget() {
        context.clear();
        memory.forgotten();
    }

    /**
     * Answers until there is nothing left to do, or other work waits and what was begun has ended.
     *
     * @param end ends every answer early once it is raised; calls that were not begun stay
     * @param othersWait whether other work waits
     */
    void run(CancelFlag end, BooleanSupplier othersWait) {
        stop = end;
        try {
            while (!calls.isEmpty()) {
                calls.dropCancelled();
                boolean mayBegin = !othersWait.getAsBoolean() && !stop.isRaised();
                endCancelled();
                if (slots.isIdle() && !mayBegin) {
                    return;
                }
                advance(mayBegin);
                calls.removeEnded();
            }
        } finally {
            closeSlots();
        }
    }

    /** Begins waiting requests while there are idle sequences, one prompt at a time. */
    private void admit() {
        putBackPreparation();
        if (spoiled) {
            if (!slots.isIdle()) {
                return;
            }
            wipe();
        }
        while (slots.unfinishedPrompt() == null && slots.hasRoom()) {
            GenerationCall call =
                    calls.next(slots.isIdle(), request -> adapters.of(request).equals(adapters.applied()));
            if (call == null) {
                return;
            }
            start(call, call.next());
        }
    }

    /** Interrupts a preparation when somebody waits for an answer; what was evaluated of it stays. */
    private void putBackPreparation() {
        Slot slot = slots.unfinishedPrompt();
        if (slot == null || !slot.call().isPreparation()) {
            return;
        }
        GenerationCall preparation = slot.call();
        if (calls.isInTheWay(preparation)) {
            free(slot);
            preparation.again(slot.request());
        }
    }

    private void start(GenerationCall call, EncodedRequest request) {
        call.started(request.index());
        AnswerInProgress answer;
        try {
            adapters.use(adapters.of(request));
            if (slots.isIdle()) {
                context.watch(stop);
                steps.prepare();
            }
            TokenSelector selector = selectors.apply(request.options());
            answer = new AnswerInProgress(vocabulary, request, call, context.capacity(), selector);
        } catch (RuntimeException unusable) {
            call.finish(request.index(), new GenerationOutcome.Failed(unusable));
            return;
        }
        Place place = memory.take(request);
        answer.promptReused(place.length());
        Slot slot = new Slot(call, request, answer, place);
        slots.add(slot);
        if (request.preparation() && request.prompt().length - place.length() <= NOT_WORTH_PREPARING) {
            end(slot, FinishReason.LENGTH);
        }
    }

    /** Evaluates parts of prompts, and takes one step in every answer. */
    private void advance(boolean mayBegin) {
        try {
            evaluatePrompts(mayBegin);
            List<Slot> open = slots.open();
            if (open.size() == 1 && open.getFirst().isGenerating()) {
                stepAlone(open.getFirst());
            } else if (open.stream().anyMatch(Slot::isGenerating)) {
                step();
            }
        } catch (NativeCallException failed) {
            loseAll(failed);
        }
    }

    /** Ends what was cancelled, and what was begun once everything has to end. */
    private void endCancelled() {
        for (Slot slot : slots.open()) {
            if (stop.isRaised() || slot.call().cancel().isRaised()) {
                end(slot, slot.call().cancelReason());
            }
        }
        if (stop.isRaised()) {
            calls.dropBegun();
        }
    }

    /** Evaluates as much as answers under way should wait for: a part of a long prompt, or several short ones. */
    private void evaluatePrompts(boolean mayBegin) {
        int left = TOKENS_BETWEEN_STEPS;
        while (left > 0) {
            if (mayBegin) {
                admit();
            }
            Slot slot = slots.unfinishedPrompt();
            if (slot == null) {
                return;
            }
            int before = slot.place().length();
            evaluatePart(slot);
            left -= Math.max(1, slot.place().length() - before);
        }
    }

    /** Evaluates the next tokens of a prompt: few if other answers wait for their step. */
    private void evaluatePart(Slot slot) {
        boolean alone = slots.open().size() == 1;
        boolean preparation = slot.request().preparation();
        boolean whole = !context.keepsEveryToken();
        int[] prompt = slot.request().prompt();
        int shared = sharedWithNext(prompt);
        context.watch(slot.call().cancel());
        do {
            int from = slot.place().length();
            int most = whole || alone && !preparation ? Integer.MAX_VALUE : TOKENS_BETWEEN_STEPS;
            int to = context.endOfCall(from, from < shared ? shared : prompt.length, most);
            if (!context.evaluate(slot.place().sequence(), prompt, from, to, !preparation)) {
                slot.place().dropUnfinished();
                end(slot, slot.call().cancelReason());
                return;
            }
            slot.place().evaluatedPrompt(to);
            if (to == shared) {
                memory.keep(slot.place());
            }
        } while (whole && slot.place().length() < prompt.length);
        if (slot.place().length() == prompt.length) {
            slot.answer().promptEvaluated();
            if (preparation) {
                end(slot, FinishReason.LENGTH);
                return;
            }
            choose(slot, context.logits(context.batch().size() - 1));
        }
    }

    /** Where a copy must be kept because a longer sequence could not be cut back to what the next prompt shares with it. */
    private int sharedWithNext(int[] prompt) {
        if (context.keepsEveryToken() || context.sequences() == context.parallel()) {
            return 0;
        }
        EncodedRequest next = calls.peek();
        if (next == null || !adapters.of(next).equals(adapters.applied())) {
            return 0;
        }
        int most = Math.min(prompt.length, next.prompt().length) - 1;
        int shared = context.usableAgain(Place.common(prompt, next.prompt(), most));
        return shared > memory.reusable(next) ? shared : 0;
    }

    /** Takes a step in an answer that has no company, with a draft if that is likely to be faster. */
    private void stepAlone(Slot slot) {
        context.watch(slot.call().cancel());
        int[] tokens = lookups.next(slot.answer(), slot.place());
        long begun = System.nanoTime();
        if (tokens.length == 0) {
            step();
            lookups.stepped(slot.answer(), System.nanoTime() - begun);
        } else {
            int right = stepAhead(slot, tokens);
            lookups.called(slot.answer(), tokens.length, right, System.nanoTime() - begun);
        }
    }

    /**
     * Evaluates the chosen token and a draft of those after it, and chooses as long as the draft is right.
     *
     * @return how many drafted tokens were chosen
     */
    private int stepAhead(Slot slot, int[] tokens) {
        if (!lookups.evaluate(slot.place(), tokens)) {
            slot.place().dropUnfinished();
            end(slot, slot.call().cancelReason());
            return 0;
        }
        int row = 0;
        do {
            slot.place().evaluatedToken();
            choose(slot, context.logits(row++));
        } while (row < tokens.length && slots.has(slot) && slot.answer().token() == tokens[row]);
        if (slots.has(slot)) {
            slot.place().dropAhead();
        }
        return row - 1;
    }

    /** Evaluates the chosen token of every answer and chooses the next. */
    private void step() {
        List<Slot> stepping = slots.open().stream().filter(Slot::isGenerating).toList();
        context.watch(stepping.size() == 1 ? stepping.getFirst().call().cancel() : stop);
        boolean evaluated = steps.evaluate(stepping.stream().map(Slot::nextRow).toList());
        for (Slot slot : stepping) {
            if (evaluated) {
                slot.place().evaluatedToken();
                choose(slot, steps.logits(slot.place()));
            } else {
                slot.place().dropUnfinished();
                end(slot, slot.call().cancelReason());
            }
        }
    }

    private void choose(Slot slot, MemorySegment scores) {
        FinishReason reason;
        try {
            reason = slot.answer().choose(scores);
        } catch (RuntimeException failed) {
            spoiled |= failed instanceof NativeCallException;
            free(slot);
            slot.call().finish(slot.request().index(), new GenerationOutcome.Failed(failed));
            return;
        } catch (Error thrown) {
            free(slot);
            slot.call().failWith(thrown);
            slot.call().finish(slot.request().index(), EncodedRequest.unanswered(FinishReason.CANCELLED));
            return;
        }
        if (reason != null) {
            end(slot, reason);
        }
    }

    private void end(Slot slot, FinishReason reason) {
        GenerationOutcome outcome;
        try {
            outcome = new GenerationOutcome.Answered(slot.answer().end(reason));
        } catch (RuntimeException failed) {
            // The grammar, or the listener, which gets the last of the text here.
            outcome = new GenerationOutcome.Failed(failed);
        } catch (Error thrown) {
            slot.call().failWith(thrown);
            outcome = EncodedRequest.unanswered(FinishReason.CANCELLED);
        } finally {
            free(slot);
        }
        slot.call().finish(slot.request().index(), outcome);
    }

    private void free(Slot slot) {
        slots.remove(slot);
        slot.place().end(slot.answer().tokens());
        slot.answer().close();
    }

    /** After a failed evaluation nobody knows what the cache holds: every answer under way is lost. */
    private void loseAll(NativeCallException failed) {
        context.clear();
        memory.forgotten();
        for (Slot slot : slots.open()) {
            free(slot);
            slot.call().failWith(failed);
            slot.call().finish(slot.request().index(), EncodedRequest.unanswered(FinishReason.CANCELLED));
        }
    }

    private void closeSlots() {
        slots.open().forEach(this::free);
    }
}
