package io.lethean.lem.model;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The requests that are being answered, at most one in each sequence. Confined to the model's thread. */
final class Slots {

    private final @Nullable Slot[] bySequence;
    private List<Slot> open = List.of();

    Slots(int sequences) {
        bySequence = new Slot[sequences];
    }

    void add(Slot slot) {
        bySequence[slot.place().sequence()] = slot;
        findOpen();
    }

    void remove(Slot slot) {
        bySequence[slot.place().sequence()] = null;
        findOpen();
    }

    private void findOpen() {
        open = Arrays.stream(bySequence).filter(Objects::nonNull).toList();
    }

    @Nullable
    Slot in(int sequence) {
        return bySequence[sequence];
    }

    /** Whether it was not removed yet. */
    boolean has(Slot slot) {
        return in(slot.place().sequence()) == slot;
    }

    /** All of this moment, in the order of their sequences; the list does not change any more. */
    List<Slot> open() {
        return open;
    }

    boolean isIdle() {
        return open.isEmpty();
    }

    boolean hasRoom() {
        return open.size() < bySequence.length;
    }

    /** The one request with a prompt that is not evaluated whole; null if all are generating. */
    @Nullable
    Slot unfinishedPrompt() {
        for (Slot slot : open) {
            if (!slot.isGenerating()) {
                return slot;
            }
        }
        return null;
    }
}
