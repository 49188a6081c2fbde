package io.lethean.lem.model;

import io.lethean.lem.internal.llama.NativeContext;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The prompts that the sequences of a context hold, so that a beginning two prompts have in common is evaluated once.
 *
 * <p>Answers are generated in the first sequences. A sequence keeps its prompt after its answer has ended, until another
 * prompt needs the room; the least recently used goes first. Confined to the model's thread.
 */
final class PromptMemory {

    private static final Comparator<Place> LEAST_RECENT = Comparator.comparingLong(Place::lastUse);

    private final List<Place> places;
    private final AppliedAdapters adapters;
    private final int parallel;
    private long moment;

    /** @param adapters what a prompt is evaluated with if its request names nothing else */
    PromptMemory(NativeContext context, AppliedAdapters adapters) {
        this.adapters = adapters;
        places = IntStream.range(0, context.sequences())
                .mapToObj(sequence -> new Place(context, sequence))
                .toList();
        parallel = context.parallel();
    }

    /** The sequence of an answer. */
    Place place(int sequence) {
        return places.get(sequence);
    }

    /** How many tokens at a prompt's beginning are held somewhere, in whole blocks. */
    int reusable(EncodedRequest request) {
        AdapterSet with = adapters.of(request);
        return places.stream()
                .mapToInt(place -> place.reusableFor(request.prompt(), with))
                .max()
                .orElse(0);
    }

    /**
     * Takes an idle sequence for a prompt and begins it with what is held of it; {@link Place#length} tokens need not be
     * evaluated. The caller knows that there is an idle one.
     */
    Place take(EncodedRequest request) {
        int[] prompt = request.prompt();
        AdapterSet with = adapters.of(request);
        Place source = source(prompt, with);
        int kept = source.reusableFor(prompt, with);
        Place target = target(source, kept);
        if (target != source || kept < target.length()) {
            save(target, source);
        }
        if (target != source && kept > 0) {
            target.copyOf(source);
            source.usedAt(++moment);
        }
        target.begin(prompt, with, kept);
        target.usedAt(++moment);
        return target;
    }

    /** The place that holds most of the prompt; of several, an idle one that was least recently used. */
    private Place source(int[] prompt, AdapterSet with) {
        return places.stream()
                .max(Comparator.<Place>comparingInt(place -> place.reusableFor(prompt, with))
                        .thenComparing(this::isIdle)
                        .thenComparing(LEAST_RECENT.reversed()))
                .orElseThrow();
    }

    private boolean isIdle(Place place) {
        return place.sequence() < parallel && !place.isBusy();
    }

    /** The source itself if nothing is lost by that, else the idle place that is worth least. */
    private Place target(Place source, int kept) {
        Place least = idle().min(LEAST_RECENT).orElseThrow();
        boolean continues = kept > 0 && kept == source.length();
        return isIdle(source) && (continues || source == least) ? source : least;
    }

    private Stream<Place> idle() {
        return places.stream().filter(this::isIdle);
    }

    /** The place that holds most of a prompt with the model's own adapters, if one holds any of it. */
    Optional<Place> holding(int[] prompt) {
        AdapterSet with = adapters.own();
        return Optional.of(source(prompt, with)).filter(place -> place.reusableFor(prompt, with) > 0);
    }

    /**
     * Puts back what the cache had of tokens with the model's own adapters. A prompt that is overwritten moves to a spare
     * sequence that was used less recently.
     *
     * @return false if llama.cpp refuses the state
     */
    boolean restore(int[] tokens, MemorySegment state) {
        Place target = idle().min(LEAST_RECENT).orElseThrow();
        save(target, target);
        target.usedAt(++moment);
        return target.restore(tokens, adapters.own(), state);
    }

    /** Copies what is about to be overwritten to a spare sequence that was used less recently. */
    private void save(Place doomed, Place source) {
        if (doomed.isEmpty()) {
            return;
        }
        places.stream()
                .skip(parallel)
                .filter(spare -> spare != source)
                .min(LEAST_RECENT)
                .filter(spare -> spare.lastUse() < doomed.lastUse())
                .ifPresent(spare -> spare.copyOf(doomed));
    }

    /** Copies what a sequence holds to the least recently used spare one. */
    void keep(Place place) {
        places.stream().skip(parallel).min(LEAST_RECENT).ifPresent(spare -> {
            spare.copyOf(place);
            spare.usedAt(++moment);
        });
    }

    /** Notes that the context was cleared. */
    void forgotten() {
        places.forEach(Place::forgotten);
    }
}
