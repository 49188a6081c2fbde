package io.lethean.lem.model;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The requests that are being answered, at most one in each sequence. Confined to the model's thread. */
final class Slots {

    private final @Nullable Slot[] bySequence;

    Slots(int sequences) {
        bySequence = new Slot[sequences];
    }

    void add(Slot slot) {
        bySequence[slot.place().sequence()] = slot;
    }

    void remove(Slot slot) {
        bySequence[slot.place().sequence()] = null;
    }

    @Nullable
    Slot in(int sequence) {
        return bySequence[sequence];
    }

    /** Whether it was not removed yet. */
    boolean has(Slot slot) {
        return in(slot.place().sequence()) == slot;
    }

    /** All, in the order of their sequences; a copy. */
    List<Slot> open() {
        return Arrays.stream(bySequence).filter(Objects::nonNull).toList();
    }

    boolean isIdle() {
        return open().isEmpty();
    }

    boolean hasRoom() {
        return open().size() < bySequence.length;
    }

    /** The one request with a prompt that is not evaluated whole; null if all are generating. */
    @Nullable
    Slot unfinishedPrompt() {
        return open().stream().filter(slot -> !slot.isGenerating()).findFirst().orElse(null);
    }
}
